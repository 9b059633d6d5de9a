/**
 * Re-exports clipanion's parser for a dynamic import: a bundle loses the names of a dynamically imported
 * CommonJS package.
 */
export { Cli } from 'clipanion';
