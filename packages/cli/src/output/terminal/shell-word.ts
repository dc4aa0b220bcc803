export { shellQuoted as quoted, shellWord } from '@agentteam/text';
