"""How the frameworks hold the weights of a recurrent network."""
