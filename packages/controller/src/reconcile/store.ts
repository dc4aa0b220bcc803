/** A local copy of a collection, by `namespace/name`. */
export interface Store<T> {
  get(key: string): T | undefined;
}
