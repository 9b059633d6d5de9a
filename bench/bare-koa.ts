/** A minimal Koa server, with which the API is compared. Prints its address, and serves until it is killed. */
import type { AddressInfo } from 'node:net';
import Koa from 'koa';

const app = new Koa();
app.use(async (ctx) => {
  let text = '';
  for await (const chunk of ctx.req) text += String(chunk);
  ctx.body = text === '' ? { status: 'live' } : { got: JSON.parse(text) as unknown };
});
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
