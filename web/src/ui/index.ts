/** The page's own small parts. */
export { Avatar } from './Avatar';
export { Badge } from './Badge';
export { Button, IconButton } from './Button';
export { Choice } from './Choice';
export { Dialog } from './Dialog';
export { EstateMark } from './EstateMark';
export { Field } from './Field';
export { Notice } from './Notice';
export { SearchBox } from './SearchBox';
export { Sentinel } from './Sentinel';
export { Switch } from './Switch';
export { ToastProvider, useToast } from './Toasts';
