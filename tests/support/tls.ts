/** A certificate for tests, made by openssl, which is its own authority. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { tempFolder } from './temp-folder.ts';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** File of `cert`, for NODE_EXTRA_CA_CERTS. */
  readonly file: string;
}

/** `names` such as `DNS:api.test` and `IP:127.0.0.1`. */
export function selfSigned(...names: readonly string[]): Certificate {
  const folder = tempFolder();
  const at = (name: string) => path.join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at('key.pem')];
  const subject = ['-subj', '/CN=Test', '-addext', `subjectAltName=${names.join(',')}`, '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', at('cert.pem'), ...subject], { stdio: 'ignore' });
  const [keyText, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(at(name), 'utf8'));
  return { key: keyText ?? '', cert: cert ?? '', file: at('cert.pem') };
}
