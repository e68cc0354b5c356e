// Interoperation: Debian's python3-socketio, which shares no code with the official clients.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { skip } from '../harness/suite.mjs';
import { program, runs } from './outside/program.mjs';

const script = join(dirname(fileURLToPath(import.meta.url)), 'outside', 'client.py');

// Debian's packages are its own Python's, whichever comes first in the path.
const python = ['/usr/bin/python3', 'python3'].find((command) => runs(command, '-c', 'import socketio, requests, websocket'));

if (python) await program(python, [script], 65_000);
else skip('python3-socketio', 'it is not installed (Debian: python3-socketio python3-requests python3-websocket)');
