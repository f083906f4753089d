// What the pages of plugins need beside the frame's styles; loaded with them.
import '@mantine/core/styles/Switch.css';
import '../../ui/tabs.css';
import './plugins.css';
