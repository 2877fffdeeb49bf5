"""Who answers: a person at a terminal, a file of answers, a drill's script."""
