"""Who is told what a watch has found."""
