import type { Manifest } from './manifest.ts';

/** The installations for which the chart renders an object. */
export type Condition =
  | 'always'
  | 'all-namespaces'
  | 'listed-namespaces'
  | 'argo-server'
  | 'no-argo-server';

export interface RenderedObject {
  readonly when: Condition;
  readonly object: Manifest & Readonly<Record<string, unknown>>;
}
