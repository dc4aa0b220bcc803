import type { Call, Connection } from './connection.ts';
import { httpStatus } from './kube-error.ts';
import type { KubeObject, ObjectMeta, ObjectRef } from './objects.ts';
import { pathOf } from './paths.ts';

/** Field manager under which the API server records the controller's fields. */
const FIELD_MANAGER = 'agentteam-controller';
/** The reply to a write needs only the object's metadata. */
const METADATA =
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;q=0.9';
const METADATA_LIST =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;q=0.9';
const APPLY = 'application/apply-patch+yaml';
const MERGE_PATCH = 'application/merge-patch+json';

export interface Page<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly continueToken?: string;
}

/** A GET request to a port of a pod, through the API server. */
export interface PodCall extends Required<Pick<Call, 'withinMs' | 'maxBytes' | 'headers'>> {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly path: string;
}

/**
 * The requests that the controller makes. A write resolves with the object's new metadata. Every method
 * throws a `KubeError` with the HTTP status in `code`. Nothing is retried here: the work queue retries
 * the whole reconcile.
 */
export class KubeApi {
  readonly #connection: Pick<Connection, 'send' | 'bytes'>;
  readonly #onRequest: (verb: string, kind: string) => void;

  constructor(
    connection: Pick<Connection, 'send' | 'bytes'>,
    onRequest: (verb: string, kind: string) => void = () => {},
  ) {
    this.#connection = connection;
    this.#onRequest = onRequest;
  }

  /** Server-side apply. It is forced, because no other manager may own the controller's fields. */
  apply(object: KubeObject): Promise<ObjectMeta> {
    this.#onRequest('apply', object.kind);
    const path = pathOf(refOf(object), { fieldManager: FIELD_MANAGER, force: 'true' });
    return this.#write('PATCH', path, object, APPLY);
  }

  /**
   * Server-side apply of a custom object's status: fields that the new status omits are removed. The
   * server refuses it (409) if the object has changed or was created again since it was read.
   */
  applyStatus(object: KubeObject, status: object): Promise<ObjectMeta> {
    this.#onRequest('apply-status', object.kind);
    const { apiVersion, kind, metadata } = object;
    const { name, namespace, resourceVersion } = metadata;
    const query = { fieldManager: FIELD_MANAGER, force: 'true' };
    const body = { apiVersion, kind, metadata: { name, namespace, resourceVersion }, status };
    return this.#write('PATCH', pathOf(refOf(object), query, '/status'), body, APPLY);
  }

  /**
   * Merge patch. With a `resourceVersion` in the patch's metadata the server refuses it (409) if the
   * object has changed since.
   */
  patch(ref: ObjectRef, patch: object): Promise<ObjectMeta> {
    this.#onRequest('patch', ref.kind);
    return this.#write('PATCH', pathOf(ref, { fieldManager: FIELD_MANAGER }), patch, MERGE_PATCH);
  }

  create(object: KubeObject): Promise<ObjectMeta> {
    this.#onRequest('create', object.kind);
    const { name: _name, ...collection } = refOf(object);
    return this.#write('POST', pathOf(collection, { fieldManager: FIELD_MANAGER }), object);
  }

  /** Replaces the whole object; its `resourceVersion` makes it a compare-and-swap. */
  replace(object: KubeObject): Promise<ObjectMeta> {
    this.#onRequest('replace', object.kind);
    return this.#write('PUT', pathOf(refOf(object), { fieldManager: FIELD_MANAGER }), object);
  }

  /**
   * Deletes an object and, in the background, everything that it owns. The server refuses it (409) if
   * the object has changed or was created again since its metadata was read.
   */
  async delete(ref: ObjectRef, { uid, resourceVersion }: ObjectMeta): Promise<void> {
    this.#onRequest('delete', ref.kind);
    const body = {
      ...{ apiVersion: 'v1', kind: 'DeleteOptions' },
      ...{ preconditions: { uid, resourceVersion }, propagationPolicy: 'Background' },
    };
    await this.#connection.send({ method: 'DELETE', path: pathOf(ref), body, accept: METADATA });
  }

  /** @returns undefined when the object does not exist. */
  async read<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    this.#onRequest('get', ref.kind);
    try {
      return (await this.#connection.send({ method: 'GET', path: pathOf(ref) })) as T;
    } catch (error) {
      if (httpStatus(error) === 404) return undefined;
      throw error;
    }
  }

  /** Lists one page of objects, in all namespaces unless `options` names one. */
  async list<T extends KubeObject>(
    kind: { readonly apiVersion: string; readonly kind: string },
    options: {
      readonly namespace?: string;
      readonly labelSelector?: string;
      readonly fieldSelector?: string;
      readonly limit: number;
      readonly continueToken?: string;
      readonly signal?: AbortSignal;
      /** Leaves out all but the metadata of each object. */
      readonly metadataOnly?: boolean;
    },
  ): Promise<Page<T>> {
    this.#onRequest('list', kind.kind);
    const { namespace, labelSelector, fieldSelector, limit } = options;
    const { continueToken, signal, metadataOnly } = options;
    const path = pathOf(
      { ...kind, ...(namespace !== undefined && { namespace }) },
      { labelSelector, fieldSelector, limit: String(limit), continue: continueToken },
    );
    const list = (await this.#connection.send({
      ...{ method: 'GET', path },
      ...(signal !== undefined && { signal }),
      ...(metadataOnly === true && { accept: METADATA_LIST }),
    })) as {
      /** `null` in an empty list of metadata. */
      readonly items: readonly T[] | null;
      readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
    };
    const token = list.metadata?.continue;
    return {
      items: list.items ?? [],
      resourceVersion: list.metadata?.resourceVersion ?? '',
      ...(token && { continueToken: token }),
    };
  }

  /**
   * Sends a GET request to a pod through the API server, and returns the body of the reply.
   * @throws Error after `withinMs`, and AnswerTooLarge when the body exceeds `maxBytes`.
   */
  async askPod({ namespace, name, port, path, ...call }: PodCall): Promise<Buffer> {
    this.#onRequest('proxy', 'Pod');
    // Without a port the API server uses the first one that a container declares.
    const pod = { apiVersion: 'v1', kind: 'Pod', namespace, name: `${name}:${port}` };
    return this.#connection.bytes({
      method: 'GET',
      path: pathOf(pod, {}, `/proxy/${path}`),
      ...call,
    });
  }

  /** Returns the user name of the controller. */
  async whoAmI(): Promise<string> {
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    this.#onRequest('create', review.kind);
    const path = pathOf(review);
    const answer = await this.#connection.send({ method: 'POST', path, body: review });
    const { status } = answer as { status?: { userInfo?: { username?: string } } };
    return status?.userInfo?.username ?? '';
  }

  async #write(
    method: 'POST' | 'PUT' | 'PATCH',
    path: string,
    body: object,
    contentType?: string,
  ): Promise<ObjectMeta> {
    const written = await this.#connection.send({
      ...{ method, path, body, accept: METADATA },
      ...(contentType !== undefined && { contentType }),
    });
    return (written as KubeObject).metadata;
  }
}

function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ObjectRef {
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) };
}
