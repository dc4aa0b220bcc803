import { CLI_FIELD_MANAGER as FIELD_MANAGER } from '@agentteam/contract';
import { CustomObjectsApi, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { Failure } from '../../failure.ts';
import type { Connection } from './connection.ts';
import { httpStatus, requestFailure } from './errors.ts';
import { listPages, type Page } from './list-pages.ts';
import { SERVER_SIDE_APPLY } from './server-side-apply.ts';

/** A kind of custom resource. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

export interface ApplyOptions {
  /** Whether the server only validates the object, without storing it. */
  readonly dryRun?: boolean;
  /** Whether to take over fields that another field manager owns. */
  readonly force?: boolean;
}

/** Objects of one kind in one namespace. Every method throws a {@link Failure} when a request fails. */
export class CustomObjects<T> {
  readonly #api: CustomObjectsApi;
  readonly #connection: Connection;
  readonly #resource: Resource & { readonly namespace: string };

  constructor(connection: Connection, resource: Resource) {
    this.#api = connection.config.makeApiClient(CustomObjectsApi);
    this.#connection = connection;
    this.#resource = { ...resource, namespace: connection.namespace };
  }

  /** Path of the objects on the API server. */
  get path(): string {
    const { group, version, namespace, plural } = this.#resource;
    return `/apis/${group}/${version}/namespaces/${namespace}/${plural}`;
  }

  /** @returns undefined when the object does not exist. */
  async read(name: string): Promise<T | undefined> {
    return this.#orAbsent(this.#api.getNamespacedCustomObject({ ...this.#resource, name }));
  }

  /**
   * Lists the objects page by page: see {@link listPages}.
   * @param everywhere whether to list the objects of all namespaces.
   */
  pages(everywhere = false): AsyncIterable<Page<T>> {
    const { group, version, plural } = this.#resource;
    const path = everywhere ? `/apis/${group}/${version}/${plural}` : this.path;
    return listPages<T>(this.#connection, path);
  }

  /** @param everywhere whether to list the objects of all namespaces. */
  async list(everywhere = false): Promise<readonly T[]> {
    const { group, version, plural } = this.#resource;
    const list = everywhere
      ? this.#api.listCustomObjectForAllNamespaces({ group, version, resourcePlural: plural })
      : this.#api.listNamespacedCustomObject(this.#resource);
    const answer = everywhere ? this.#ofAllNamespaces(list) : this.#request(list);
    return ((await answer) as { readonly items: readonly T[] }).items;
  }

  /** Server-side apply. */
  async apply(
    name: string,
    body: object,
    { dryRun = false, force = false }: ApplyOptions = {},
  ): Promise<T> {
    const request = this.#api.patchNamespacedCustomObject(
      {
        ...this.#resource,
        name,
        body,
        fieldManager: FIELD_MANAGER,
        force,
        ...(dryRun && { dryRun: 'All' }),
      },
      SERVER_SIDE_APPLY,
    );
    return this.#request(request);
  }

  /** Replaces the whole object. The server refuses if the object's `resourceVersion` is outdated. */
  async replace(name: string, body: object): Promise<T> {
    const request = this.#api.replaceNamespacedCustomObject({
      ...this.#resource,
      ...{ name, body, fieldManager: FIELD_MANAGER },
    });
    return this.#request(request);
  }

  /** Applies a merge patch. The server refuses if the patch has an outdated `metadata.resourceVersion`. */
  async patch(name: string, body: object): Promise<T> {
    const request = this.#api.patchNamespacedCustomObject(
      { ...this.#resource, name, body, fieldManager: FIELD_MANAGER },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    return this.#request(request);
  }

  /** Deletes an object and, in the background, its dependents. @returns false when it did not exist. */
  async delete(name: string): Promise<boolean> {
    const request = this.#api.deleteNamespacedCustomObject({
      ...this.#resource,
      name,
      propagationPolicy: 'Background',
    });
    return (await this.#orAbsent(request)) !== undefined;
  }

  async #ofAllNamespaces<R>(list: Promise<R>): Promise<R> {
    return this.#request(list).catch((error: unknown) => {
      if (!(error instanceof Failure) || httpStatus(error.cause) !== 403) throw error;
      const hint = 'To see the teams of a namespace that you may read, use -n NAMESPACE.';
      throw new Failure(error.message, { hint, cause: error.cause });
    });
  }

  async #orAbsent<R>(request: Promise<R>): Promise<R | undefined> {
    try {
      return await request;
    } catch (error) {
      if (httpStatus(error) === 404 && isAboutObject(error)) return undefined;
      throw requestFailure(error, this.#connection.server);
    }
  }

  async #request<R>(request: Promise<R>): Promise<R> {
    try {
      return await request;
    } catch (error) {
      throw requestFailure(error, this.#connection.server);
    }
  }
}

/** Whether a 404 is about an object, not about its kind. Only then the body is a Status with `details`. */
function isAboutObject(error: unknown): boolean {
  const { body } = error as { readonly body?: unknown };
  return (typeof body === 'string' ? body : JSON.stringify(body ?? '')).includes('"details"');
}
