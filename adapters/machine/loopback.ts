/** Keeps connections within this machine away from the proxies that the environment names. */

/** As grpc-js, the Rust core of Temporal's worker, Go and HTTP clients read it: names, addresses and networks. */
const LOOPBACK = ['localhost', '127.0.0.1', '127.0.0.0/8', '::1'];

/**
 * Adds loopback to the hosts that need no proxy, for this process and those that it starts. `no_grpc_proxy`, where it is
 * set, replaces `no_proxy` in grpc-js.
 */
export function bypassProxies(env: NodeJS.ProcessEnv): void {
  const known = env['no_proxy'] || env['NO_PROXY'];
  const hosts = known === '*' ? known : withLoopback(known);
  env['no_proxy'] = hosts;
  env['NO_PROXY'] = hosts;
  env['no_grpc_proxy'] = withLoopback(env['no_grpc_proxy'] || hosts);
}

function withLoopback(list = ''): string {
  const hosts = list
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
  return [...new Set([...hosts, ...LOOPBACK])].join(',');
}
