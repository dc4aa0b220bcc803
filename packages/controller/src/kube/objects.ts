import type { ObjectMeta as ReadMeta } from '@agentteam/api';

/** The metadata of a Kubernetes object, as far as the controller uses it. */
export interface ObjectMeta extends ReadMeta {
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFields[];
}

/** The fields that one field manager owns, as the API server records them. */
export interface ManagedFields {
  readonly manager?: string;
  /** Nested objects whose keys are field names with the prefix `f:`. */
  readonly fieldsV1?: unknown;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** A complete object to create or apply. */
export type Manifest = KubeObject & Readonly<Record<string, unknown>>;

/** Identifies an object to read, patch or delete. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** `namespace/name`: the key of an object in queues and caches. */
export function keyOf(object: { readonly metadata: ObjectMeta }): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/**
 * Whether one resource version is the same as another or newer. Since 1.35 the API guarantees that
 * versions are increasing integers, and etcd has always produced such. Anything else counts as newer.
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export function isAtLeast(version: string | undefined, other: string | undefined): boolean {
  const [one = '', two = ''] = [version, other];
  if (!/^\d+$/.test(one) || !/^\d+$/.test(two)) return true;
  return one.length === two.length ? one >= two : one.length > two.length;
}

/** An owner reference, so that the garbage collector deletes the object together with its owner. */
export function ownedBy(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The names of objects are no longer, and their uids shorter. */
const LONGEST_NAME = 253;
/** Limit on the owners to keep: an object of ours has one. */
const MOST_OWNERS = 4;

/**
 * The owners of one kind. Those that no object can be are left out: the API server limits neither the number nor the
 * length of owner references, and whoever may write an object can write a megabyte of them.
 */
export function ownersOf(all: readonly OwnerReference[], kind: string): readonly OwnerReference[] {
  return all
    .filter(
      (owner) =>
        owner.kind === kind &&
        [owner.apiVersion, owner.name, owner.uid].every((text) => text.length <= LONGEST_NAME),
    )
    .slice(0, MOST_OWNERS);
}
