"""Who is who: exchanges, listings, indices, and how a printed name becomes one of them."""
