import type { AgentTeamTemplate } from '@agentteam/api';
import { type CompileOptions, checkObject, checkRun, compile, mergeRun } from '@agentteam/compiler';
import { type AdmissionRequest, ALLOWED, type Verdict } from './review.ts';
import { bare, invalid, isSpecUnchanged } from './reviewed.ts';

/**
 * Refuses a run that comes to no valid team. One whose template is not there (yet) is let through:
 * it waits for it.
 */
export function validateRun(
  request: AdmissionRequest,
  templateOf: (key: string) => AgentTeamTemplate | undefined,
  options: CompileOptions,
): Verdict {
  if (isSpecUnchanged(request)) return ALLOWED;
  const { object } = request;
  const { run, problems } = checkRun(bare(object));
  if (run === undefined) return invalid(object, problems);
  const { namespace = '' } = object.metadata;
  const template = templateOf(`${namespace}/${run.spec.templateRef.name}`);
  if (template === undefined) return ALLOWED;
  const merged = checkObject(mergeRun(template, run));
  const found =
    merged.team === undefined ? merged.problems : compile(merged.team, options).problems;
  return found.length > 0 ? invalid(object, found) : ALLOWED;
}
