// Interoperation: the Java client, which Android uses. Where the machine has Java and Maven; Maven fetches the jars once.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { skip } from '../harness/suite.mjs';
import { program, runs } from './outside/program.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, 'outside', 'java');
const jars = join(here, '..', 'node_modules', '.cache', 'java');
const MAVEN_LIMIT_MS = 80_000; // of a file's 150 s

function fetchJars(...more) {
  const args = ['-B', '-q', '-f', join(folder, 'pom.xml'), `-DoutputDirectory=${jars}`, ...more];
  return spawnSync('mvn', args, { stdio: 'ignore', timeout: MAVEN_LIMIT_MS, killSignal: 'SIGKILL' }).status === 0;
}

if (!runs('java', '--version')) skip('the Java client', 'there is no Java 11 or later');
else if (!runs('mvn', '--version')) skip('the Java client', 'there is no Maven');
else if (!fetchJars('-o') && !fetchJars()) skip('the Java client', 'Maven could not fetch it in time');
else await program('java', ['-cp', join(jars, '*'), join(folder, 'Client.java')], 65_000);
