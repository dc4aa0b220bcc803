import { ADMISSION_SETTINGS, type AdmissionSettings } from './declared/admission.ts';
import { CONTROLLER_SETTINGS, type ControllerSettings } from './declared/controller.ts';
import { NOTIFICATION_SETTINGS, type NotificationSettings } from './declared/notifications.ts';
import { TEAM_ADDRESS_SETTINGS, type TeamAddressSettings } from './declared/team-addresses.ts';
import { TEAM_POD_SETTINGS, type TeamPodSettings } from './declared/team-pods.ts';
import type { SettingsTable } from './setting.ts';

/** What an operator can set. `SETTINGS` declares the variable, the default and the purpose of each. */
export interface Settings
  extends TeamPodSettings,
    TeamAddressSettings,
    ControllerSettings,
    NotificationSettings,
    AdmissionSettings {}

/**
 * Every setting of the controller. `--help` is made from this table at run time. `npm run settings`
 * writes the same settings into the chart (values.yaml, values.schema.json, the environment of the
 * Deployment) and into docs/settings.md.
 */
export const SETTINGS: SettingsTable<Settings> = {
  ...TEAM_POD_SETTINGS,
  ...TEAM_ADDRESS_SETTINGS,
  ...CONTROLLER_SETTINGS,
  ...NOTIFICATION_SETTINGS,
  ...ADMISSION_SETTINGS,
};
