// Loaded before a guide's program: what goes to localhost:3000 arrives at the server under test.
const net = require('node:net');

const port = Number(process.env.GUIDE_PORT);
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...args) {
  const list = Array.isArray(args[0]) ? args[0] : args;
  const target = list[0];
  if (target && typeof target === 'object' && Number(target.port) === 3000) list[0] = { ...target, host: '127.0.0.1', port, lookup: undefined };
  return connect.apply(this, args);
};
