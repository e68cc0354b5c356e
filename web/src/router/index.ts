/** The page's places. */
export { href, type Route } from './route';
export { goTo, replaceWith, useRoute } from './useRoute';
