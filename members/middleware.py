def require_second_factor_of_staff(get_response):
    return get_response
