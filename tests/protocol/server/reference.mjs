// The reference server from npm, with the application of tests/server: what `features` does in C, this does on socket.io.
// A process of its own, which opens one server for each {open: options} that it is sent, and answers {id, port}; {port, stdout}
// is what `features` would print.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import * as msgpack from 'socket.io-msgpack-parser';
import { gate } from './gate.mjs';
import { orders } from './orders.mjs';
import { serverOptions } from './options.mjs';

// ---- the events of "/" ----

const events = {
  echo(socket, args, ack) {
    socket.emit('echo', ...args);
    ack(...args);
  },
  join(socket, rooms, ack) {
    socket.join(rooms);
    ack();
  },
  leave(socket, [room], ack) {
    socket.leave(room);
    ack();
  },
  in: (socket, [room], ack) => ack(socket.rooms.has(room)),
  'disconnect-me': (socket, [how]) => (how === true ? socket.conn.close() : socket.disconnect(how === 'all')),
  who(socket, args, ack) {
    socket.data.asked = (socket.data.asked ?? 0) + 1;
    ack(socket.id, socket.recovered, socket.data.asked);
  },
  orders(socket, [list], ack) {
    orders(socket, list);
    ack();
  },
  ask(socket, args) {
    const timeout = typeof args[0] === 'number' ? args[0] : 1000;
    socket.timeout(timeout).emit('question', ...args, (error, ...answer) => socket.emit('answered', ...(error ? [null] : answer)));
  },
};

// ---- who comes and goes ----

function tell(io, event, socket, reason) {
  io.of('/').to('watchers').emit(event, socket.nsp.name, socket.id, reason);
}

function welcome(io, socket, handle) {
  tell(io, 'came', socket, '');
  socket.on('disconnect', (reason) => {
    if (reason === 'server shutting down') process.send({ stdout: `went: ${reason}\n`, port: io.port }); // nobody can be told any more
    tell(io, 'went', socket, reason);
  });
  socket.onAny((event, ...args) => {
    const ack = typeof args.at(-1) === 'function' ? args.pop() : () => {};
    handle(event, args, ack);
  });
}

function serve(io) {
  io.on('connection', (socket) => welcome(io, socket, (event, args, ack) => events[event]?.(socket, args, ack)));
  const echoing = (socket) =>
    welcome(io, socket, (event, args, ack) => {
      socket.emit(event, ...args);
      ack(...args);
    });
  io.of('/other').on('connection', echoing);
  io.of('/gate').use(gate).on('connection', echoing);
  io.of('/silent');
  io.of(/^\/room-[0-9]+$/).use(gate).on('connection', echoing);
  io.of((name, auth, next) => next(null, name === `/team/${auth?.team}`)).on('connection', echoing);
}

// ---- hooks of handshakes and headers ----

/** A client with the header "x-refuse" stays out; its value is what it is told, or "default". */
function allowRequest(request, done) {
  const message = request.headers['x-refuse'];
  done(message === 'default' ? null : message, message === undefined);
}

function addHeaders(io) {
  io.engine.on('initial_headers', (headers) => (headers['x-initial'] = 'yes'));
  io.engine.on('headers', (headers) => (headers['x-every'] = 'yes'));
}

// ---- one server ----

function open(options) {
  const http = createServer((request, response) => response.writeHead(404).end('nothing here'));
  const settings = { allowRequest, ...serverOptions(options) };
  if (options.parser === 'msgpack') settings.parser = msgpack;
  const io = new Server(http, settings);
  addHeaders(io);
  serve(io);
  return new Promise((done) =>
    http.listen(0, '127.0.0.1', () => {
      io.port = http.address().port;
      done(io);
    }),
  );
}

const servers = new Map();

process.on('message', async ({ id, open: options, close }) => {
  if (close) return servers.get(close)?.close();
  const io = await open(options);
  servers.set(io.port, io);
  process.send({ id, port: io.port });
});
process.on('disconnect', () => process.exit());
