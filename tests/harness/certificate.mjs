// Certificates of the tests' own, made when they are needed: self-signed, for this machine, good for two days.
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './server.mjs';

/** {chain, key, pem}: the files' paths, and the certificate's text. `renew` puts another one in their place. */
export function certificate() {
  const folder = temporaryFolder();
  const files = { chain: join(folder, 'chain.pem'), key: join(folder, 'key.pem'), serial: 0 };
  files.renew = () => {
    files.serial += 1;
    const [chain, key] = [`${files.chain}.new`, `${files.key}.new`];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-set_serial', String(files.serial)];
    execFileSync('openssl', ['req', '-x509', ...curve, ...name, '-days', '2', '-keyout', key, '-out', chain], { stdio: 'ignore' });
    renameSync(chain, files.chain);
    renameSync(key, files.key);
    files.pem = readFileSync(files.chain, 'utf8');
  };
  files.renew();
  return files;
}
