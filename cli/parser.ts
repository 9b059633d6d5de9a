/** Clipanion's parser, for loading by need: a dynamic import of a CommonJS package loses its names in a bundle. */
export { Cli } from 'clipanion';
