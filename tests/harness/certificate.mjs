// Certificates of the tests' own, made when they are needed: self-signed, for this machine, good for two days, or expired.
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './server.mjs';

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' });
const named = (name) => ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];

/** {chain, key, pem}: the files' paths, and the certificate's text. `renew` puts another one in their place. */
export function certificate() {
  const folder = temporaryFolder();
  const files = { chain: join(folder, 'chain.pem'), key: join(folder, 'key.pem'), serial: 0 };
  files.renew = () => {
    files.serial += 1;
    const [chain, key] = [`${files.chain}.new`, `${files.key}.new`];
    openssl('req', '-x509', ...CURVE, ...named('localhost'), '-set_serial', String(files.serial), '-days', '2', '-keyout', key, '-out', chain);
    renameSync(chain, files.chain);
    renameSync(key, files.key);
    files.pem = readFileSync(files.chain, 'utf8');
  };
  files.renew();
  return files;
}

/** The same, but that it was good in January 2020. (`openssl req` refuses such days; an authority of one's own does not.) */
export function expiredCertificate() {
  const folder = temporaryFolder();
  const file = (name) => join(folder, name);
  const settings = `[ca]\ndefault_ca=own\n[own]\ndatabase=${file('index')}\nnew_certs_dir=${folder}\nserial=${file('serial')}\ndefault_md=sha256\npolicy=any\ncopy_extensions=copy\n[any]\ncommonName=supplied\n`;
  for (const [name, text] of Object.entries({ settings, index: '', serial: '01\n' })) writeFileSync(file(name), text);
  openssl('req', '-new', ...CURVE, ...named('expired'), '-keyout', file('key.pem'), '-out', file('request'));
  openssl('ca', '-batch', '-notext', '-config', file('settings'), '-selfsign', '-in', file('request'), '-keyfile', file('key.pem'), '-startdate', '20200101000000Z', '-enddate', '20200201000000Z', '-out', file('chain.pem'));
  return { chain: file('chain.pem'), key: file('key.pem'), pem: readFileSync(file('chain.pem'), 'utf8') };
}
