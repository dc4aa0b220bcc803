export * from './end-events.ts';
export * from './environment.ts';
export * from './exit-codes.ts';
export * from './paths.ts';
export * from './request-trace.ts';
export * from './specs.ts';
export * from './state.ts';
export * from './steps.ts';
