// Orders to many sockets at once: {op, ns, rooms, except, exceptSelf, …}, as in tests/server/orders.c.

function receivers(socket, order) {
  let target = socket.nsp.server.of(order.ns ?? '/');
  if (order.rooms?.length) target = target.to(order.rooms);
  return target.except([...(order.except ?? []), ...(order.exceptSelf ? [socket.id] : [])]);
}

function argsOf(order, i) {
  const filler = 'x'.repeat(order.size ?? 0);
  const rest = order.binary ? [Buffer.from(filler), Buffer.from('small')] : filler ? [filler] : [];
  return [i, ...(order.args ?? []), ...rest];
}

function emit(target, order) {
  for (let i = 0; i < (order.times ?? 1); i++) (order.volatile ? target.volatile : target).emit(order.event, ...argsOf(order, i));
}

/** "answers" [tag, {receivers, omitted, timedOut}, [[id, [answer]]…]]; the reference does not say whose answer it is. */
async function ask(socket, order) {
  const target = receivers(socket, order);
  const count = (await target.fetchSockets()).length;
  const args = order.binary ? [Buffer.from('bytes')] : order.args ?? [];
  target.timeout(order.timeout ?? 5000).emit('asked', ...args, (error, answers) => {
    const state = { receivers: count, omitted: 0, timedOut: Boolean(error) };
    socket.emit('answers', order.tag, state, answers.map((answer) => [null, [answer]]));
  });
}

/** "sockets" [tag, omitted, [[id, [room…]]…]] */
async function fetch(socket, order) {
  const sockets = await receivers(socket, order).fetchSockets();
  socket.emit('sockets', order.tag, 0, sockets.map((s) => [s.id, [...s.rooms].filter((room) => room !== s.id)]));
}

const operations = {
  ask,
  fetch,
  emit: (socket, order) => emit(receivers(socket, order), order),
  emitSelf: (socket, order) => emit(socket, order),
  join: (socket, order) => receivers(socket, order).socketsJoin(order.room),
  leave: (socket, order) => receivers(socket, order).socketsLeave(order.room),
  disconnect: (socket, order) => receivers(socket, order).disconnectSockets(order.how === 'all'),
};

export function orders(socket, list) {
  for (const order of list) operations[order.op](socket, order);
}
