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

const operations = {
  emit: (socket, order) => emit(receivers(socket, order), order),
  emitSelf: (socket, order) => emit(socket, order),
  join: (socket, order) => receivers(socket, order).socketsJoin(order.room),
  leave: (socket, order) => receivers(socket, order).socketsLeave(order.room),
  disconnect: (socket, order) => receivers(socket, order).disconnectSockets(),
};

export function orders(socket, list) {
  for (const order of list) operations[order.op](socket, order);
}
