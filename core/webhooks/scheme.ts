/**
 * The signature schemes of webhooks, by the rules that their authors publish. Ours, because the libraries of the five
 * senders parse the body themselves, fail in ways that tell a caller what was wrong, and know one secret or one scheme each.
 */
import { fromBase64, isBase64 } from '../values/base64.ts';
import { hmacOfParts } from '../values/digest.ts';

export const SCHEMES = ['skillos', 'standard', 'github', 'stripe', 'slack'] as const;

export type SchemeName = (typeof SCHEMES)[number];

/** Returns a request header, whatever the case of its name; undefined if it is absent. */
export type HeaderOf = (name: string) => string | undefined;

/** The signature in the headers of a request. */
interface SignatureClaim {
  /** Unix seconds; absent in schemes that sign no time. */
  readonly timestamp?: number;
  /** The signed bytes before those of the body. */
  readonly prefix: string;
  /** One of them has to be right: a sender that changes its secret signs with both. */
  readonly signatures: readonly string[];
}

/** Input of `headers`; `now` is Unix seconds. */
interface Signing {
  readonly secret: string;
  readonly body: Uint8Array;
  readonly now: number;
  /** The id of the message, for schemes that sign one. */
  readonly id: string;
}

export interface Scheme {
  /** The header with the signatures. */
  readonly header: string;
  readonly encoding: 'hex' | 'base64';
  /** Returns undefined if the headers are not of this scheme. */
  readonly claim: (header: HeaderOf) => SignatureClaim | undefined;
  /** Returns undefined if the text cannot be a secret of this scheme. */
  readonly key: (secret: string) => string | Uint8Array | undefined;
  readonly headers: (signing: Signing) => Readonly<Record<string, string>>;
}

const SECONDS = /^\d{1,12}$/;
const HEX = /^[0-9a-f]{64}$/;
const MAX_SIGNATURES = 16;

const asText = (secret: string) => secret;

/** Stripe's form, which our own has too: `t=<seconds>,v1=<hex>`, other names ignored; signed is `<seconds>.<body>`. */
function stamped(header: string): Scheme {
  return {
    header,
    encoding: 'hex',
    key: asText,
    claim: (headerOf) => {
      const fields = (headerOf(header) ?? '')
        .split(',')
        .map((field) => field.trim().split('=') as [string, string?]);
      const valuesOf = (name: string) => fields.flatMap(([key, value = '']) => (key === name ? [value] : []));
      return claimOf({ times: valuesOf('t'), signatures: valuesOf('v1') }, (time) => `${time}.`);
    },
    headers: ({ secret, body, now }) => ({
      [header]: `t=${now},v1=${hmacOfParts(secret, [`${now}.`, body], 'hex')}`,
    }),
  };
}

function claimOf(
  { times, signatures }: { readonly times: readonly string[]; readonly signatures: readonly string[] },
  prefixOf: (time: string) => string,
): SignatureClaim | undefined {
  const [time = '', ...others] = times;
  const isComplete = SECONDS.test(time) && others.length === 0 && signatures.length > 0;
  if (!isComplete || signatures.length > MAX_SIGNATURES || !signatures.every((each) => HEX.test(each))) {
    return undefined;
  }
  return { timestamp: Number(time), prefix: prefixOf(time), signatures };
}

/** https://www.standardwebhooks.com: `webhook-signature: v1,<base64>`, separated by blanks. */
const standard: Scheme = {
  header: 'webhook-signature',
  encoding: 'base64',
  key: (secret) => {
    if (!secret.startsWith(SECRET_PREFIX)) return secret;
    const encoded = secret.slice(SECRET_PREFIX.length);
    return encoded !== '' && isBase64(encoded) ? fromBase64(encoded) : undefined;
  },
  claim: (header) => {
    const [id = '', time = '', given = ''] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
      header,
    );
    const signatures = given.split(' ').flatMap((each) => (each.startsWith('v1,') ? [each.slice(3)] : []));
    if (id === '' || !SECONDS.test(time) || signatures.length === 0 || signatures.length > MAX_SIGNATURES) {
      return undefined;
    }
    return { timestamp: Number(time), prefix: `${id}.${time}.`, signatures };
  },
  headers: ({ secret, body, now, id }) => {
    const mac = hmacOfParts(standard.key(secret) ?? '', [`${id}.${now}.`, body], 'base64');
    return { 'webhook-id': id, 'webhook-timestamp': String(now), 'webhook-signature': `v1,${mac}` };
  },
};

const SECRET_PREFIX = 'whsec_';

/** GitHub signs the body alone, so that a delivery has no time and never expires. */
const github: Scheme = {
  header: 'X-Hub-Signature-256',
  encoding: 'hex',
  key: asText,
  claim: (header) => {
    const signature = /^sha256=([0-9a-f]{64})$/.exec(header(github.header) ?? '')?.[1];
    return signature === undefined ? undefined : { prefix: '', signatures: [signature] };
  },
  headers: ({ secret, body, id }) => ({
    'X-GitHub-Delivery': id,
    'X-Hub-Signature-256': `sha256=${hmacOfParts(secret, [body], 'hex')}`,
  }),
};

const slack: Scheme = {
  header: 'X-Slack-Signature',
  encoding: 'hex',
  key: asText,
  claim: (header) => {
    const signature = /^v0=([0-9a-f]{64})$/.exec(header(slack.header) ?? '')?.[1];
    return claimOf(
      {
        times: [header('X-Slack-Request-Timestamp') ?? ''],
        signatures: signature === undefined ? [] : [signature],
      },
      (time) => `v0:${time}:`,
    );
  },
  headers: ({ secret, body, now }) => ({
    'X-Slack-Request-Timestamp': String(now),
    'X-Slack-Signature': `v0=${hmacOfParts(secret, [`v0:${now}:`, body], 'hex')}`,
  }),
};

const BY_NAME: Readonly<Record<SchemeName, Scheme>> = {
  skillos: stamped('X-SkillOS-Signature'),
  standard,
  github,
  stripe: stamped('Stripe-Signature'),
  slack,
};

export function schemeOf(name: SchemeName): Scheme {
  return BY_NAME[name];
}
