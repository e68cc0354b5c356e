// The door of "/gate", which obeys the client's auth payload, as in tests/server/gate.c.
export async function gate(socket, next) {
  const { refuse, data, rooms = [], decide, delay = 50 } = socket.handshake.auth;
  if (decide === 'later') await new Promise((done) => setTimeout(done, delay));
  if (refuse) return next(Object.assign(new Error(refuse), data === undefined ? {} : { data }));
  await socket.join(rooms);
  next();
}
