import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isModelApi, placeOf, plainAddress } from '@agentteam/contract';
import { ConfigError, type GatewayConfig } from '../config.ts';
import type { Credentials } from '../credentials.ts';
import type { CredentialHeaders } from '../http/headers.ts';
import { upstreamUrl } from '../http/route.ts';
import { errorReason, type Logger } from '../log.ts';
import { hostOf, isApiHost, leadsToApi, portOf } from '../outbound/messages-api.ts';
import { isUnknownHost } from '../outbound/unknown-host.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { credentialHeader } from './credential.ts';
import { pathAtGateway, shownTarget } from './redirect.ts';
import type { Service } from './service.ts';

/** A slow answer must not delay the agent's start any longer. */
const ANSWER_WITHIN_MS = 10_000;

export interface CheckOptions {
  readonly config: Pick<GatewayConfig, 'services' | 'upstream' | 'proxies' | 'isLocal'>;
  readonly credentials: Credentials;
  readonly upstream: Upstream;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Finds mistakes in an agent's services before the agent starts, which is before it costs money. A service that
 * does not answer now may answer later, and one that rejects its base URL may serve what is below.
 * @throws ServiceSecretError when the Secret of a service is missing or cannot be used. A later attempt may find
 *   another one.
 * @throws ConfigError when a service redirects elsewhere, or its host does not exist. A rehearsal only logs this,
 *   because it may have neither the network of the team nor its credentials.
 */
export async function checkServices(options: CheckOptions): Promise<void> {
  const { config, log } = options;
  const isRehearsal = config.isLocal && placeOf(hostOf(config.upstream)) === 'loopback';
  const check = async (service: Service): Promise<void> => {
    const { name, secret } = service;
    const credential =
      secret === undefined
        ? {}
        : credentialHeader(service, await options.credentials.service(name));
    try {
      await checkHost(service, options);
      await checkAnswer(service, credential, options);
    } catch (error) {
      if (!isRehearsal || !(error instanceof ConfigError)) throw error;
      log.warn({ event: 'service-check', service: name, error: error.message });
    }
  };
  await Promise.all(config.services.map(check));
}

/**
 * Refuses services and MCP servers that lead to the Messages API or another model API, where their cost would not
 * be counted, and those that lead to the metadata service of a cloud.
 * @throws ConfigError
 */
export async function refuseModelApis({
  services,
  mcpServers,
  upstream,
}: Pick<GatewayConfig, 'services' | 'mcpServers' | 'upstream'>): Promise<void> {
  for (const { name, url } of mcpServers) {
    const server = new URL(url);
    if (isModelApi(hostOf(server)) || reachesMessages(server, upstream)) {
      const message = `the MCP server "${name}" leads to a model API, and the cost of requests to MCP servers is not counted`;
      throw new ConfigError(message);
    }
    refuseMetadata(`the MCP server "${name}"`, await addressesOf(server));
  }
  for (const { name, base } of services) {
    const host = hostOf(base);
    const addresses = await addressesOf(base);
    const isApi =
      isModelApi(host) ||
      isApiHost(host, upstream) ||
      (await leadsToApi(portOf(base), addresses, upstream));
    if (isApi) {
      const message = `the service "${name}" leads to the Messages API, and the cost of requests to services is not counted`;
      throw new ConfigError(message);
    }
    refuseMetadata(`the service "${name}"`, addresses);
  }
}

/** The addresses of a URL's host; none if it cannot be resolved. */
function addressesOf(url: URL): Promise<readonly LookupAddress[]> {
  return lookup(hostOf(url), { all: true }).catch(() => []);
}

function refuseMetadata(what: string, addresses: readonly LookupAddress[]): void {
  if (!addresses.some(({ address }) => placeOf(plainAddress(address)) === 'metadata')) return;
  throw new ConfigError(
    `${what} leads to a link-local address, where clouds serve the credentials of the machine`,
  );
}

/**
 * Whether an agent could ask for messages below the address of an MCP server. A company's gateway, and a rehearsal,
 * may have MCP servers beside the API.
 */
function reachesMessages(server: URL, upstream: URL): boolean {
  const messages = upstreamUrl(upstream, '/v1/messages');
  const isSameHost = hostOf(server) === hostOf(messages) && portOf(server) === portOf(messages);
  const base = server.pathname.replace(/\/*$/, '/');
  return isSameHost && `${messages.pathname}/`.startsWith(base);
}

async function checkHost({ name, base }: Service, { config }: CheckOptions): Promise<void> {
  if (!(await isUnknownHost(base, config.proxies))) return;
  throw new ConfigError(`the service "${name}" is at ${hostOf(base)}, and no host has this name`);
}

async function checkAnswer(
  service: Service,
  credential: CredentialHeaders,
  { config, upstream, log, signal }: CheckOptions,
): Promise<void> {
  const { name, base, secret } = service;
  try {
    if (!service.methods.includes('GET')) return;
    const { status, headers, body } = await upstream.send({
      url: base,
      method: 'GET',
      headers: { 'accept-encoding': 'identity', ...credential },
      body: null,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      onSent: () => {},
    });
    body.on('error', () => {}).destroy();
    if (status === 401 && secret !== undefined) {
      log.warn({ event: 'service-check', service: name, status, rejectedSecret: secret });
    }
    const { location } = headers;
    if (status < 300 || status >= 400 || location === undefined) return;
    const target = URL.canParse(location, base.href) ? new URL(location, base) : undefined;
    if (target !== undefined && pathAtGateway(target, config.services, '') !== undefined) return;
    throw new ConfigError(
      `the service "${name}" redirects to ${shownTarget(target)}; set its url to an address that does not redirect to other places`,
    );
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    log.warn({ event: 'service-check', service: name, error: errorReason(error) });
  }
}
