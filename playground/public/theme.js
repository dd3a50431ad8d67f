// Applies the stored theme before the first paint. Without one, the system's theme applies.
{
  const chosen = localStorage.getItem('tidemark-theme')
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.tmTheme = chosen
}
