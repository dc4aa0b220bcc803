import { CoreV1Api, type KubeConfig } from '@kubernetes/client-node';
import { httpStatus } from '../cluster/connection/errors.ts';

export interface Visibility {
  /** Credentials of the caller. */
  readonly config: KubeConfig;
  /** Namespaces with teams; empty for all that the caller can see. */
  readonly namespaces: readonly string[];
  /** Namespace that the caller belongs to. */
  readonly home?: string;
}

/** Namespaces that are listed one by one. */
const MOST = 64;
/** Milliseconds until rights that a caller did not have are tried again. */
const FORGET_MS = 30_000;
const EVERYWHERE = '';

/**
 * Finds the namespaces in which a caller may list teams. The API server decides at each listing; only its
 * refusals are remembered, so that they are not asked for every second.
 */
export class VisibleNamespaces {
  readonly #options: Visibility;
  /** When each refusal is forgotten, by the name of the namespace. */
  readonly #refused = new Map<string, number>();

  constructor(options: Visibility) {
    this.#options = options;
  }

  /**
   * Lists teams if the caller may.
   * @param namespace absent for all namespaces, which are never listed if the page is limited to some.
   * @returns undefined if the caller may not.
   */
  async ifAllowed<T>(
    list: () => Promise<T>,
    namespace: string = EVERYWHERE,
  ): Promise<T | undefined> {
    const isLimited = namespace === EVERYWHERE && this.#options.namespaces.length > 0;
    if (isLimited || (this.#refused.get(namespace) ?? 0) > Date.now()) return undefined;
    try {
      return await list();
    } catch (error) {
      if (httpStatus((error as Error).cause ?? error) !== 403) throw error;
      if (this.#refused.size > 2 * MOST) this.#refused.clear();
      this.#refused.set(namespace, Date.now() + FORGET_MS);
      return undefined;
    }
  }

  /** The namespaces to list one by one: those of the page, or else those that the caller can see. */
  async names(): Promise<{
    readonly names: readonly string[];
    readonly notices: readonly string[];
  }> {
    const { namespaces, home } = this.#options;
    const known = namespaces.length > 0 ? namespaces : await this.#listed();
    const names = [...new Set([...(home === undefined ? [] : [home]), ...known])];
    const left = names.length - MOST;
    return {
      names: names.slice(0, MOST),
      notices: left > 0 ? [`${left} further namespaces are not shown. Enter the name of one.`] : [],
    };
  }

  async #listed(): Promise<readonly string[]> {
    const list = await this.ifAllowed(
      () => this.#options.config.makeApiClient(CoreV1Api).listNamespace(),
      'the list of namespaces',
    );
    return list?.items.flatMap(({ metadata }) => metadata?.name ?? []) ?? [];
  }
}
