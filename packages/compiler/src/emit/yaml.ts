import type { PersistentVolumeClaim, Workflow } from '@agentteam/argo';
import { stringify } from 'yaml';

/**
 * An object as YAML, without anchors and without folded lines: the same bytes every time. Argo and
 * kubectl read YAML as Go does, which still takes an unquoted `no` or `on` for a truth value.
 */
export function toYaml(object: Workflow | PersistentVolumeClaim): string {
  return stringify(object, {
    aliasDuplicateObjects: false,
    lineWidth: 0,
    compat: 'yaml-1.1',
  });
}
