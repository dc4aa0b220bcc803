import { type Problem, pathText } from '@agentteam/compiler';
import type { KubeObject } from '../kube/objects.ts';

export type AdmissionObject = KubeObject & { readonly spec?: unknown; readonly status?: unknown };

/** An `AdmissionReview` request of `admission.k8s.io/v1`, as far as it is used here. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly userInfo: { readonly username: string; readonly groups?: readonly string[] };
  readonly object: AdmissionObject;
  readonly oldObject?: AdmissionObject | null;
}

export type Verdict =
  | {
      readonly allowed: true;
      readonly patch?: readonly JsonPatchOperation[];
      /** kubectl shows them to the user. */
      readonly warnings?: readonly string[];
    }
  | { readonly allowed: false; readonly code: 403 | 422; readonly message: string };

export interface JsonPatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  /** JSON Pointer (RFC 6901). */
  readonly path: string;
  readonly value?: unknown;
}

export const ALLOWED: Verdict = { allowed: true };

/** Adds warnings to a verdict that allows the request. */
export function withWarnings(verdict: Verdict, warnings: readonly Problem[]): Verdict {
  if (!verdict.allowed || warnings.length === 0) return verdict;
  const texts = warnings.map(({ path, message }) => `${pathText(path)}: ${message}`);
  return { ...verdict, warnings: [...(verdict.warnings ?? []), ...texts] };
}

/** Truncates a warning to 256 characters: the API server would drop the rest. */
function truncate(warning: string): string {
  return [...warning].slice(0, 256).join('');
}

/** The `AdmissionReview` to send back. */
export function reviewResponse({ uid }: AdmissionRequest, verdict: Verdict): object {
  const response = verdict.allowed
    ? {
        uid,
        allowed: true,
        ...(verdict.warnings?.length && { warnings: verdict.warnings.map(truncate) }),
        ...(verdict.patch !== undefined &&
          verdict.patch.length > 0 && {
            patchType: 'JSONPatch',
            patch: Buffer.from(JSON.stringify(verdict.patch)).toString('base64'),
          }),
      }
    : { uid, allowed: false, status: { code: verdict.code, message: verdict.message } };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}
