import { fetch as fetchBy, ProxyAgent, type RequestInfo, type RequestInit } from 'undici';
import { type Proxies, proxyFor } from './proxies.ts';

/** A `fetch` that uses the given proxies, and keeps connections to them open. Node's own ignores proxies. */
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
    // undici's fetch and Node's own are the same API, but their types are incompatible.
    const options = { ...init, dispatcher: agentOf(proxy) } as RequestInit;
    return (await fetchBy(input as RequestInfo, options)) as unknown as Response;
  };
}
