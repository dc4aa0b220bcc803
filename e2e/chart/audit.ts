import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A request as the API server's audit log has it. */
export interface AuditedRequest {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly requestURI: string;
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
}

const LOG = 'audit.log';

/** Flags by which an API server writes down who asked what of it. */
export function auditFlags(directory: string): readonly string[] {
  const policy = join(directory, 'audit-policy.yaml');
  writeFileSync(
    policy,
    JSON.stringify({
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      // A watch is written down when it begins, not only at its end.
      rules: [{ level: 'Metadata', omitStages: ['RequestReceived'] }],
    }),
  );
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${join(directory, LOG)}`];
}

/** What a user has asked so far, and how it was answered. */
export function auditedRequests(directory: string, user: string): readonly AuditedRequest[] {
  return (
    readFileSync(join(directory, LOG), 'utf8')
      .split('\n')
      // What follows the last line end is a line that is being written.
      .slice(0, -1)
      .map((line) => JSON.parse(line) as AuditedRequest)
      .filter(({ user: { username } }) => username === user)
  );
}
