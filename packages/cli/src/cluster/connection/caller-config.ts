import type { OutgoingHttpHeaders } from 'node:http';
import { KubeConfig, type RequestContext, type User } from '@kubernetes/client-node';

/** On whose behalf requests are sent: the owner of a token, or a person whom this process impersonates. */
export type OnBehalf =
  | { readonly token: string }
  | { readonly user: string; readonly groups: readonly string[] };

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;
type DispatcherArguments = Parameters<KubeConfig['createDispatcherOptions']>;
type DispatcherOptions = ReturnType<KubeConfig['createDispatcherOptions']>;
type AuthOptions = Parameters<KubeConfig['applyToHTTPSOptions']>[0];

const GROUP_HEADER = 'Impersonate-Group';
/** An option of the client that the library uses (undici), which the library's types do not name. */
const HTTP_1 = { allowH2: false };

/**
 * The credentials with which requests to the API server are sent on behalf of another person. A token is sent
 * in place of this process's credentials. The client library impersonates users and knows no groups, which
 * must be sent as one header each.
 */
export class CallerConfig extends KubeConfig {
  readonly #groups: readonly string[];
  #dispatcher: Dispatcher | undefined;

  /** @param own credentials of this process, and the cluster. */
  constructor(own: KubeConfig, onBehalf: OnBehalf) {
    super();
    const cluster = own.getCurrentCluster();
    const user = own.getCurrentUser();
    if (cluster === null || user === null) throw new Error('no cluster is configured');
    this.loadFromClusterAndUser(cluster, userOf(user, onBehalf));
    this.#groups = 'token' in onBehalf ? [] : onBehalf.groups;
  }

  /**
   * Over HTTP/2, the library's client joins the values of a header to one, which the API server takes for the
   * name of one group.
   * @throws Error where the cluster is reached through a proxy, whose client cannot be told.
   */
  override createDispatcherOptions(...args: DispatcherArguments): DispatcherOptions {
    const options = super.createDispatcherOptions(...args);
    if (this.#groups.length === 0) return options;
    if (options.type === 'none') return { type: 'agent', connect: { keepAlive: true, ...HTTP_1 } };
    if (options.type === 'agent') {
      return { ...options, connect: { ...options.connect, ...HTTP_1 } };
    }
    throw new Error('people with groups cannot be impersonated through a proxy to the API server');
  }

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context);
    // The library makes a new one, with new connections, for each request.
    this.#dispatcher ??= this.#withGroups(context.getDispatcher());
    if (this.#dispatcher !== undefined) context.setDispatcher(this.#dispatcher);
  }

  override async applyToHTTPSOptions(options: AuthOptions): Promise<void> {
    await super.applyToHTTPSOptions(options);
    if (this.#groups.length === 0) return;
    // Both kinds of options are those of Node's requests, in which a header may have several values.
    const { headers } = options as { headers?: Readonly<Record<string, string>> };
    (options as { headers: OutgoingHttpHeaders }).headers = {
      ...headers,
      [GROUP_HEADER]: [...this.#groups],
    };
  }

  #withGroups(dispatcher: Dispatcher | undefined): Dispatcher | undefined {
    if (dispatcher === undefined || this.#groups.length === 0) return dispatcher;
    const groups = [...this.#groups];
    // Fetch would send one header with all groups, which the API server takes for the name of one group.
    return dispatcher.compose((dispatch) => (options, handler) => {
      const headers = { ...headersOf(options.headers), [GROUP_HEADER]: groups };
      return dispatch({ ...options, headers }, handler);
    });
  }
}

function userOf(own: User, onBehalf: OnBehalf): User {
  if ('token' in onBehalf) return { name: 'caller', token: onBehalf.token };
  return { ...own, impersonateUser: onBehalf.user };
}

/** The headers of a request, which fetch passes as a flat list or as an object. */
function headersOf(headers: unknown): Record<string, string | string[]> {
  if (!Array.isArray(headers)) return { ...(headers as Record<string, string>) };
  const pairs = headers.flatMap((name, index) =>
    index % 2 === 0 ? [[String(name), String(headers[index + 1])]] : [],
  );
  return Object.fromEntries(pairs);
}
