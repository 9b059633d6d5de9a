import { bypassProxies } from '../../../adapters/machine/loopback.ts';

const LOOPBACK = 'localhost,127.0.0.1,127.0.0.0/8,::1';

describe('bypassProxies', () => {
  test.each<[Record<string, string>, string, string]>([
    [{}, LOOPBACK, LOOPBACK],
    [
      { no_proxy: 'a.example, .b.example,' },
      `a.example,.b.example,${LOOPBACK}`,
      `a.example,.b.example,${LOOPBACK}`,
    ],
    [{ NO_PROXY: 'a.example' }, `a.example,${LOOPBACK}`, `a.example,${LOOPBACK}`],
    [{ no_proxy: '', NO_PROXY: 'a.example' }, `a.example,${LOOPBACK}`, `a.example,${LOOPBACK}`],
    [{ no_proxy: '*' }, '*', `*,${LOOPBACK}`],
    [{ no_proxy: 'a.example', no_grpc_proxy: 'b.example' }, `a.example,${LOOPBACK}`, `b.example,${LOOPBACK}`],
  ])('adds loopback to %j once', (env, hosts, grpcHosts) => {
    bypassProxies(env);
    bypassProxies(env);
    expect(env).toEqual({ no_proxy: hosts, NO_PROXY: hosts, no_grpc_proxy: grpcHosts });
  });
});
