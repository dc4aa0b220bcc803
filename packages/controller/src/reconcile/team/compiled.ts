import { type CompileResult, compileObject } from '@agentteam/compiler';
import { ANNOTATIONS } from '@agentteam/contract';
import { proofHashes } from '../../approvals/proof.ts';
import { specHash } from '../../approvals/spec-hash.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { TeamContext } from './context.ts';

/** Compiles the team, with the proof hashes of gates that only this controller can open. */
export function compiledOf(
  team: CachedTeam,
  { compileOptions, gateKey }: Pick<TeamContext, 'compileOptions' | 'gateKey'>,
): CompileResult {
  const { apiVersion, kind, spec, metadata } = team;
  const { name, namespace = '' } = metadata;
  const gates = spec.lifecycle.approvalGates ?? [];
  return compileObject(
    { apiVersion, kind, metadata: { name, namespace }, spec },
    {
      ...compileOptions,
      controller: {
        ...compileOptions.controller,
        proofHashes: proofHashes(gateKey, team, specHash(spec), gates),
      },
    },
  );
}

/** Annotations of a Workflow that identify the spec from which it was compiled. */
export function specAnnotations({ metadata, spec }: CachedTeam): Readonly<Record<string, string>> {
  return {
    [ANNOTATIONS.generation]: String(metadata.generation ?? 0),
    [ANNOTATIONS.spec]: specHash(spec),
  };
}
