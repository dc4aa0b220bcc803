import { CLI_FIELD_MANAGER as FIELD_MANAGER } from '@agentteam/contract';
import { CustomObjectsApi, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { Connection } from './connection.ts';
import { httpStatus, requestFailure } from './errors.ts';
import { SERVER_SIDE_APPLY } from './server-side-apply.ts';

/** A kind of custom resource. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

export interface ApplyOptions {
  /** The server does all but keep it. */
  readonly dryRun?: boolean;
  /** Takes over fields that somebody else manages. */
  readonly force?: boolean;
}

/** Objects of one kind in one namespace. Every method throws a {@link Failure} for the person at the terminal. */
export class CustomObjects<T> {
  readonly #api: CustomObjectsApi;
  readonly #connection: Connection;
  readonly #resource: Resource & { readonly namespace: string };

  constructor(connection: Connection, resource: Resource) {
    this.#api = connection.config.makeApiClient(CustomObjectsApi);
    this.#connection = connection;
    this.#resource = { ...resource, namespace: connection.namespace };
  }

  /** Path of the namespace's objects on the API server. */
  get path(): string {
    const { group, version, namespace, plural } = this.#resource;
    return `/apis/${group}/${version}/namespaces/${namespace}/${plural}`;
  }

  /** The object, or undefined when there is none. */
  async read(name: string): Promise<T | undefined> {
    return this.#orAbsent(this.#api.getNamespacedCustomObject({ ...this.#resource, name }));
  }

  /** @param everywhere in all namespaces. */
  async list(everywhere = false): Promise<readonly T[]> {
    const { group, version, plural } = this.#resource;
    const list = everywhere
      ? this.#api.listCustomObjectForAllNamespaces({ group, version, resourcePlural: plural })
      : this.#api.listNamespacedCustomObject(this.#resource);
    return ((await this.#request(list)) as { readonly items: readonly T[] }).items;
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

  /** Replaces the whole object; its `resourceVersion` makes it refused when it has changed since. */
  async replace(name: string, body: object): Promise<T> {
    const request = this.#api.replaceNamespacedCustomObject({
      ...this.#resource,
      ...{ name, body, fieldManager: FIELD_MANAGER },
    });
    return this.#request(request);
  }

  /** Merge patch. With `metadata.resourceVersion` it is refused when the object has changed since. */
  async patch(name: string, body: object): Promise<T> {
    const request = this.#api.patchNamespacedCustomObject(
      { ...this.#resource, name, body, fieldManager: FIELD_MANAGER },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    return this.#request(request);
  }

  /** Deletes it, and in the background what it owns. @returns false when it was not there. */
  async delete(name: string): Promise<boolean> {
    const request = this.#api.deleteNamespacedCustomObject({
      ...this.#resource,
      name,
      propagationPolicy: 'Background',
    });
    return (await this.#orAbsent(request)) !== undefined;
  }

  async #orAbsent<R>(request: Promise<R>): Promise<R | undefined> {
    try {
      return await request;
    } catch (error) {
      // Without `details.name` it is the kind that is not known.
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

/** A 404 of an unknown kind is plain text; that of an object is a Status which names it. */
function isAboutObject(error: unknown): boolean {
  const { body } = error as { readonly body?: unknown };
  return (typeof body === 'string' ? body : JSON.stringify(body ?? '')).includes('"details"');
}
