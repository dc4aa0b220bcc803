import { type CompileOptions, checkRun, compile, teamOfRun } from '@agentteam/compiler';
import { authorOf } from '../approvals/author.ts';
import { type AdmissionRequest, ALLOWED, type Verdict, warned } from './review.ts';
import { bare, invalid, isSpecUnchanged } from './reviewed.ts';
import type { TemplateOf } from './template-of.ts';
import { refuseUnopenable } from './unopenable.ts';
import { gatesOf } from './validate-team.ts';

/**
 * Refuses a run that comes to no valid team. One whose template is not there (yet) is let through:
 * it waits for it.
 */
export async function validateRun(
  request: AdmissionRequest,
  templateOf: TemplateOf,
  options: CompileOptions,
): Promise<Verdict> {
  if (isSpecUnchanged(request)) return ALLOWED;
  const { object } = request;
  const { run, problems } = checkRun(bare(object));
  if (run === undefined) return invalid(object, problems);
  const { namespace = '' } = object.metadata;
  const template = await templateOf(namespace, run.spec.templateRef.name);
  if (template === undefined) return ALLOWED;
  const { team, problems: loose } = teamOfRun(template, run);
  const { problems: found, warnings } =
    team === undefined ? { problems: loose, warnings: [] } : compile(team, options);
  if (found.length > 0) return invalid(object, found);
  return team === undefined
    ? ALLOWED
    : warned(
        refuseUnopenable(object, gatesOf(team.spec), [authorOf(request.userInfo.username)]),
        warnings,
      );
}
