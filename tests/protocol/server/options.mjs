// The options of tests/server, in the words of the reference server.
const words = {
  eio3: (on) => ({ allowEIO3: Boolean(on) }),
  recovery: (ms) => ({ connectionStateRecovery: { maxDisconnectionDuration: ms } }),
  deflate: (on) => ({ perMessageDeflate: on ? { threshold: 1024 } : false }),
  'http-compression': (bytes) => ({ httpCompression: bytes ? { threshold: bytes } : false }),
  cookie: (name) => ({ cookie: { name, path: '/', httpOnly: true, sameSite: 'lax' } }),
  transports: (list) => ({ transports: list.split(',') }),
  'allow-upgrades': (on) => ({ allowUpgrades: Boolean(on) }),
  'ping-interval': (n) => ({ pingInterval: n }),
  'ping-timeout': (n) => ({ pingTimeout: n }),
  'upgrade-timeout': (n) => ({ upgradeTimeout: n }),
  'connect-timeout': (n) => ({ connectTimeout: n }),
  'max-payload': (n) => ({ maxHttpBufferSize: n }),
};

/** `cors` alone has more than one word for it. */
function corsOptions({ cors, 'cors-methods': methods, 'cors-credentials': credentials }) {
  if (!cors) return {};
  const origin = cors.includes(',') ? cors.split(',') : cors;
  return { cors: { origin, credentials: Boolean(credentials), ...(methods && { methods }) } };
}

export function serverOptions(options) {
  const all = Object.entries(options).filter(([name]) => words[name]);
  return Object.assign(corsOptions(options), ...all.map(([name, value]) => words[name](value)));
}
