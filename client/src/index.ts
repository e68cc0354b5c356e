/** Vaultify Messaging for React. */
export * from './core/index.js';
