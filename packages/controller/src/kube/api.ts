import type { Call, Connection } from './connection.ts';
import { httpStatus } from './kube-error.ts';
import type { KubeObject, ObjectMeta, ObjectRef } from './objects.ts';
import { pathOf } from './paths.ts';

/** Name under which the API server records which fields are ours. */
const FIELD_MANAGER = 'agentteam-controller';
/** Nobody reads an object back that was just written: its metadata will do. */
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

/** A request to a port of a pod. */
export interface PodCall extends Required<Pick<Call, 'withinMs' | 'maxBytes' | 'headers'>> {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly path: string;
}

/**
 * The few calls that the controller makes. Those that write resolve with the object's metadata as it
 * is then. Every method throws `KubeError` with the HTTP status in `code`; nothing is retried here,
 * because a reconcile is.
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

  /** Server-side apply. Forced: fields that we manage are ours, whoever else wrote them. */
  apply(object: KubeObject): Promise<ObjectMeta> {
    this.#onRequest('apply', object.kind);
    const path = pathOf(refOf(object), { fieldManager: FIELD_MANAGER, force: 'true' });
    return this.#write('PATCH', path, object, APPLY);
  }

  /**
   * Server-side apply of a custom object's status: what a later status leaves out is removed. Refused
   * (409) when the object is another than the one given: it may have changed, or have been made again.
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
   * Merge patch. With `resourceVersion` in the patch's metadata it is refused (409) when the
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
   * Deletes an object and, in the background, all that it owns.
   * The object's metadata as it was seen: another one is left alone (409).
   */
  async delete(ref: ObjectRef, { uid, resourceVersion }: ObjectMeta): Promise<void> {
    this.#onRequest('delete', ref.kind);
    const body = {
      ...{ apiVersion: 'v1', kind: 'DeleteOptions' },
      ...{ preconditions: { uid, resourceVersion }, propagationPolicy: 'Background' },
    };
    await this.#connection.send({ method: 'DELETE', path: pathOf(ref), body, accept: METADATA });
  }

  /** The object, or undefined when there is none. */
  async read<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    this.#onRequest('get', ref.kind);
    try {
      return (await this.#connection.send({ method: 'GET', path: pathOf(ref) })) as T;
    } catch (error) {
      if (httpStatus(error) === 404) return undefined;
      throw error;
    }
  }

  /** One page of a collection, in all namespaces when none is given. */
  async list<T extends KubeObject>(
    kind: { readonly apiVersion: string; readonly kind: string },
    options: {
      readonly namespace?: string;
      readonly labelSelector?: string;
      readonly limit: number;
      readonly continueToken?: string;
      readonly signal?: AbortSignal;
      /** Leaves out all but the metadata of each object. */
      readonly metadataOnly?: boolean;
    },
  ): Promise<Page<T>> {
    this.#onRequest('list', kind.kind);
    const { namespace, labelSelector, limit, continueToken, signal, metadataOnly } = options;
    const path = pathOf(
      { ...kind, ...(namespace !== undefined && { namespace }) },
      { labelSelector, limit: String(limit), continue: continueToken },
    );
    const list = (await this.#connection.send({
      ...{ method: 'GET', path },
      ...(signal !== undefined && { signal }),
      ...(metadataOnly === true && { accept: METADATA_LIST }),
    })) as {
      readonly items: readonly T[];
      readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
    };
    const token = list.metadata?.continue;
    return {
      items: list.items,
      resourceVersion: list.metadata?.resourceVersion ?? '',
      ...(token ? { continueToken: token } : {}),
    };
  }

  /**
   * What a pod answers to a GET, through the API server.
   * @throws Error after `withinMs`, and AnswerTooLarge past `maxBytes`.
   */
  async askPod({ namespace, name, port, path, ...call }: PodCall): Promise<Buffer> {
    this.#onRequest('proxy', 'Pod');
    // Named: left out, it would be the first that one of the main containers declares.
    const pod = { apiVersion: 'v1', kind: 'Pod', namespace, name: `${name}:${port}` };
    return this.#connection.bytes({
      method: 'GET',
      path: pathOf(pod, {}, `/proxy/${path}`),
      ...call,
    });
  }

  /** The user name under which these calls are made. */
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
    const type = contentType === undefined ? {} : { contentType };
    const call = { method, path, body, accept: METADATA, ...type };
    return ((await this.#connection.send(call)) as KubeObject).metadata;
  }
}

function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ObjectRef {
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) };
}
