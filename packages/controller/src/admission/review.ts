import type { KubeObject } from '../kube/objects.ts';

/** `admission.k8s.io/v1`, as far as it is used here. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly userInfo: { readonly username: string; readonly groups?: readonly string[] };
  readonly object: KubeObject & { readonly spec?: unknown };
  readonly oldObject?: (KubeObject & { readonly spec?: unknown }) | null;
}

export type Verdict =
  | { readonly allowed: true; readonly patch?: readonly JsonPatchOperation[] }
  | { readonly allowed: false; readonly code: 403 | 422; readonly message: string };

export interface JsonPatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  /** RFC 6901. */
  readonly path: string;
  readonly value?: unknown;
}

export const ALLOWED: Verdict = { allowed: true };

/** The answer to a review. */
export function reviewResponse({ uid }: AdmissionRequest, verdict: Verdict): object {
  const response = verdict.allowed
    ? {
        uid,
        allowed: true,
        ...(verdict.patch !== undefined &&
          verdict.patch.length > 0 && {
            patchType: 'JSONPatch',
            patch: Buffer.from(JSON.stringify(verdict.patch)).toString('base64'),
          }),
      }
    : { uid, allowed: false, status: { code: verdict.code, message: verdict.message } };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}
