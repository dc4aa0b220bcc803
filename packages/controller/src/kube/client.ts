import {
  type ApiConstructor,
  type ApiType,
  createConfiguration,
  type KubeConfig,
  type RequestContext,
  ServerConfiguration,
} from '@kubernetes/client-node';

/** Longest wait for an answer: a connection that died without a word must not hold up a team. */
const ANSWER_WITHIN_MS = 30_000;
/** How long connections are made with the same certificates: those in mounted files are renewed. */
const FRESH_FOR_MS = 10 * 60_000;

type Dispatcher = ReturnType<RequestContext['getDispatcher']>;

/**
 * Makes clients of the library's kinds, all over the same connections.
 * @param withinMs how long one of them waits for an answer.
 */
export type ClientOf = <Client extends ApiType>(
  type: ApiConstructor<Client>,
  withinMs?: number,
) => Client;

/**
 * Clients that keep their connections. Those that `KubeConfig.makeApiClient` makes shake hands anew
 * for every request (client-node 2.0.1 gives each a dispatcher of its own), which costs more than
 * the request itself, and they wait five minutes for an answer.
 */
export function connect(config: KubeConfig): ClientOf {
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error('the kubeconfig names no cluster');
  let shared: { readonly dispatcher: Dispatcher; readonly since: number } | undefined;
  const authentication = (withinMs: number) => ({
    getName: () => config.getName(),
    async applySecurityAuthentication(request: RequestContext): Promise<void> {
      await config.applySecurityAuthentication(request);
      if (shared === undefined || Date.now() - shared.since > FRESH_FOR_MS) {
        // The one before closes its connections by itself when nothing uses them any more.
        shared = { dispatcher: request.getDispatcher(), since: Date.now() };
      }
      if (shared.dispatcher !== undefined) request.setDispatcher(shared.dispatcher);
      request.setSignal(AbortSignal.timeout(withinMs));
    },
  });
  const baseServer = new ServerConfiguration(server, {});
  return (type, withinMs = ANSWER_WITHIN_MS) =>
    new type(
      createConfiguration({ baseServer, authMethods: { default: authentication(withinMs) } }),
    );
}
