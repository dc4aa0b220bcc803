import { fetch as fetchBy, ProxyAgent, type RequestInfo, type RequestInit } from 'undici';
import { type Proxies, proxyFor } from './proxies.ts';

/**
 * `fetch` that goes through the environment's proxies: Node's own does not. Connections of a proxy are
 * kept for as long as the process has use for them.
 */
export function proxiedFetch(proxies: Proxies): typeof fetch {
  const agents = new Map<string, ProxyAgent>();
  const agentOf = (proxy: URL): ProxyAgent => {
    const agent = agents.get(proxy.href) ?? new ProxyAgent(proxy.href);
    agents.set(proxy.href, agent);
    return agent;
  };
  return async (input, init) => {
    const proxy = proxyFor(proxies, new URL(input instanceof Request ? input.url : input));
    if (proxy === undefined) return fetch(input, init);
    // The same Fetch, of another release than the one in Node: their types know nothing of each other.
    const options = { ...init, dispatcher: agentOf(proxy) } as RequestInit;
    return (await fetchBy(input as RequestInfo, options)) as unknown as Response;
  };
}
