/** A browser without scripts: keeps cookies, follows redirects on demand, and sends forms as they stand. */
import type { ApiReply, TestApi } from './api.ts';

export class Visitor {
  readonly #api: TestApi;
  readonly #cookies = new Map<string, string>();
  readonly #headers: Readonly<Record<string, string>>;
  #page: ApiReply | undefined;

  constructor(api: TestApi, headers: Readonly<Record<string, string>> = {}) {
    this.#api = api;
    this.#headers = headers;
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies;
  }

  async open(path: string): Promise<ApiReply> {
    this.#page = this.#keep(await this.#api.send('GET', path, { headers: this.#sent() }));
    return this.#page;
  }

  /** The hidden fields of the last page's form with that action, and those given. */
  async submit(action: string, fields: Readonly<Record<string, string>> = {}): Promise<ApiReply> {
    const all = { ...hiddenFields(this.#page?.text ?? '', action), ...fields };
    return this.post(action, all, { Origin: this.#api.url });
  }

  async post(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>>,
  ): Promise<ApiReply> {
    const raw = new URLSearchParams(fields).toString();
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return this.#keep(
      await this.#api.send('POST', path, { raw, headers: { ...this.#sent(), ...type, ...headers } }),
    );
  }

  #sent(): Record<string, string> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return { ...this.#headers, ...(cookie && { Cookie: cookie }) };
  }

  #keep(reply: ApiReply): ApiReply {
    for (const line of reply.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return reply;
  }
}

export function hiddenFields(page: string, action: string): Readonly<Record<string, string>> {
  const form = page.split('<form').find((text) => text.includes(`action="${action}"`)) ?? '';
  const inputs = form.split('</form>')[0]?.match(/<input\b[^>]*type="hidden"[^>]*>/g) ?? [];
  const attribute = (input: string, name: string) => new RegExp(`${name}="([^"]*)"`).exec(input)?.[1] ?? '';
  return Object.fromEntries(inputs.map((input) => [attribute(input, 'name'), attribute(input, 'value')]));
}
