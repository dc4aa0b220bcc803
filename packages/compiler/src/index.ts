export { type CheckResult, checkObject } from './check/check.ts';
export { formatProblems, formatWarnings } from './check/format.ts';
export { nearest } from './check/nearest.ts';
export { checkRestrictions } from './check/restrictions/restrictions.ts';
export {
  type Compiled,
  type CompileResult,
  compile,
  compileObject,
  compileText,
} from './compile.ts';
export type { Claims } from './emit/claims.ts';
export { POD_SECURITY, RESTRICTED } from './emit/container.ts';
export { budgetLimitOf } from './emit/emitted-spec.ts';
export { type Companion, executorCompanions, roleBinding } from './emit/executor.ts';
export { TEAM_VOLUME } from './emit/volumes/claim.ts';
export { toYaml } from './emit/yaml.ts';
export { type Problem, pathText } from './problem.ts';
export { type Locate, locator } from './read/locate.ts';
export { type ReadDocument, type ReadResult, read } from './read/read.ts';
export { syntaxProblems } from './read/syntax.ts';
export { outputClaimName, teamClaimName, workflowName } from './resolve/names.ts';
export { type CompileOptions, EXECUTOR } from './resolve/options.ts';
export { type Changes, changesOf } from './retry/changed-steps.ts';
export {
  checkRun,
  checkTemplate,
  type RunCheckResult,
  type TemplateCheckResult,
} from './template/check.ts';
export { checkEnforced } from './template/enforced/enforce.ts';
export type { MergedTeam } from './template/merge.ts';
export { PARAMETER_NAMES, runSpecOf } from './template/parameters.ts';
export { type TeamOfRun, teamOfRun } from './template/team-of-run.ts';
export { SUBMITTER, workflowTemplate } from './template/workflow-template.ts';
