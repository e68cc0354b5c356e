// The options of tests/server, in the words of the reference server.
const words = {
  'ping-interval': (n) => ({ pingInterval: n }),
  'ping-timeout': (n) => ({ pingTimeout: n }),
  'upgrade-timeout': (n) => ({ upgradeTimeout: n }),
  'connect-timeout': (n) => ({ connectTimeout: n }),
  'max-payload': (n) => ({ maxHttpBufferSize: n }),
  cors: (origins) => ({ cors: { origin: origins === '*' ? '*' : origins.split(',').length > 1 ? origins.split(',') : origins } }),
};

export function serverOptions(options) {
  const all = Object.entries(options).filter(([name]) => words[name]);
  return Object.assign({}, ...all.map(([name, value]) => words[name](value)));
}
