import {
  CustomObjectsApi,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import type { ClientOf } from './client.ts';
import type { KubeObject, ObjectRef } from './objects.ts';

/** Name under which the API server records which fields are ours. */
export const FIELD_MANAGER = 'agentteam-controller';

export interface Page<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly continueToken?: string;
}

/** HTTP status of a failed request, or undefined when it got no answer at all. */
export function httpStatus(error: unknown): number | undefined {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (typeof code === 'number') return code;
  return typeof statusCode === 'number' ? statusCode : undefined;
}

/** What the API server said of a refused request, in one line. */
export function reasonOf(error: unknown): string {
  const body = (error as { body?: unknown }).body;
  const parsed = typeof body === 'string' ? parseStatus(body) : (body as { message?: string });
  return parsed?.message ?? (error instanceof Error ? error.message : String(error));
}

function parseStatus(body: string): { message?: string } | undefined {
  try {
    return JSON.parse(body) as { message?: string };
  } catch {
    return undefined;
  }
}

/**
 * The few calls that the controller makes. Every method throws the client's `ApiException` with
 * the HTTP status in `code`; nothing is retried here, because a reconcile is.
 */
export class KubeApi {
  readonly #objects: KubernetesObjectApi;
  readonly #custom: CustomObjectsApi;
  readonly #onRequest: (verb: string, kind: string) => void;

  constructor(clientOf: ClientOf, onRequest: (verb: string, kind: string) => void = () => {}) {
    this.#objects = clientOf(KubernetesObjectApi);
    this.#custom = clientOf(CustomObjectsApi);
    this.#onRequest = onRequest;
  }

  /** Server-side apply. Forced: fields that we manage are ours, whoever else wrote them. */
  async apply<T extends KubeObject>(object: T): Promise<T> {
    this.#onRequest('apply', object.kind);
    const applied = await this.#objects.patch(
      object as unknown as KubernetesObject,
      undefined,
      undefined,
      FIELD_MANAGER,
      true,
      PatchStrategy.ServerSideApply,
    );
    return applied as unknown as T;
  }

  /** Server-side apply of a custom object's status: what a later status leaves out is removed. */
  async applyStatus(ref: ObjectRef, plural: string, status: object): Promise<void> {
    this.#onRequest('apply-status', ref.kind);
    const { group, version } = splitApiVersion(ref.apiVersion);
    const metadata = { name: ref.name, namespace: ref.namespace };
    await this.#custom.patchNamespacedCustomObjectStatus(
      {
        group,
        version,
        plural,
        namespace: ref.namespace ?? '',
        name: ref.name,
        fieldManager: FIELD_MANAGER,
        force: true,
        body: { apiVersion: ref.apiVersion, kind: ref.kind, metadata, status },
      },
      setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
    );
  }

  /**
   * Merge patch. With `resourceVersion` in the patch's metadata it is refused (409) when the
   * object has changed since.
   */
  async patch<T extends KubeObject>(ref: ObjectRef, patch: object): Promise<T> {
    this.#onRequest('patch', ref.kind);
    const body = { ...patch, ...header(ref, (patch as { metadata?: object }).metadata) };
    const patched = await this.#objects.patch(
      body as unknown as KubernetesObject,
      undefined,
      undefined,
      FIELD_MANAGER,
      undefined,
      PatchStrategy.MergePatch,
    );
    return patched as unknown as T;
  }

  async create<T extends KubeObject>(object: T): Promise<T> {
    this.#onRequest('create', object.kind);
    const created = await this.#objects.create(
      object as unknown as KubernetesObject,
      undefined,
      undefined,
      FIELD_MANAGER,
    );
    return created as unknown as T;
  }

  /** Replaces the whole object; its `resourceVersion` makes it a compare-and-swap. */
  async replace<T extends KubeObject>(object: T): Promise<T> {
    this.#onRequest('replace', object.kind);
    return (await this.#objects.replace(object as unknown as KubernetesObject)) as unknown as T;
  }

  /** The object, or undefined when there is none. */
  async read<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    this.#onRequest('get', ref.kind);
    try {
      return (await this.#objects.read(header(ref) as never)) as unknown as T;
    } catch (error) {
      if (httpStatus(error) === 404) return undefined;
      throw error;
    }
  }

  /** Deletes in the background; an object that is already gone is no error. */
  async delete(ref: ObjectRef): Promise<void> {
    this.#onRequest('delete', ref.kind);
    try {
      await this.#objects.delete(
        header(ref) as unknown as KubernetesObject,
        undefined,
        undefined,
        undefined,
        undefined,
        'Background',
      );
    } catch (error) {
      if (httpStatus(error) !== 404) throw error;
    }
  }

  /** One page of a collection, in all namespaces when none is given. */
  async list<T extends KubeObject>(
    kind: { readonly apiVersion: string; readonly kind: string },
    options: { namespace?: string; labelSelector?: string; limit: number; continueToken?: string },
  ): Promise<Page<T>> {
    this.#onRequest('list', kind.kind);
    const list = await this.#objects.list(
      kind.apiVersion,
      kind.kind,
      options.namespace,
      undefined,
      undefined,
      undefined,
      undefined,
      options.labelSelector,
      options.limit,
      options.continueToken,
    );
    const token = list.metadata?._continue;
    return {
      items: list.items as unknown as T[],
      resourceVersion: list.metadata?.resourceVersion ?? '',
      ...(token ? { continueToken: token } : {}),
    };
  }
}

function header(ref: ObjectRef, metadata: object = {}): object {
  return {
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    metadata: { ...metadata, name: ref.name, ...(ref.namespace && { namespace: ref.namespace }) },
  };
}

export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1) };
}
