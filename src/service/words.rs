//! Every text of this floor that reaches a person. A key that begins with `part_` is a part of a sentence.

crate::model::texts! {
    // What is sent.
    takes_no_uploads(service = "kling", path = "clip.mp4") "The service {service} takes no uploads: {path} cannot be sent to it";
    takes_no_uploads_hint() "Put the file where the service can reach it and give its address, or use the sandbox";
    file_not_sent(path = "voice.wav", why = "it is empty") "The file {path} cannot be sent: {why}";
    file_not_sent_hint() "Check the file, or choose another";
    part_not_a_file() "it is not a file";
    part_empty_file() "it is empty";
    part_changed() "it changed while it was read";
    request_not_made(err = "invalid URL") "The request cannot be made: {err}";
    request_not_made_hint() "Check the base URL of the profile";

    // Storage of one's own.
    part_access_key() "access key of the storage";
    part_secret_key() "secret key of the storage";
    bucket_without_host(bucket = "My_Clips") "The bucket {bucket} cannot stand before the storage's host: put it into the path";
    not_our_object(key = "readme.txt") "The object {key} was not put there by viseme, and is not deleted";
    storage_other_region(name = "clips at s3.example.com", ours = "us-east-1", region = "eu-west-1") "The bucket of {name} is in the region {region}, and not in {ours}";
    storage_other_region_hint(region = "eu-west-1") "Set the region of the storage to {region}, and its endpoint to that region's";
    storage_bad_signature(name = "clips at s3.example.com") "The storage {name} does not accept the signature: the secret key does not belong to the access key, or the region is another";
    storage_unknown_key(name = "clips at s3.example.com") "The storage {name} does not know the access key";
    storage_keys_hint() "Enter the storage's access key and secret key again, as its pages show them: viseme storage set, or the settings";
    storage_clock(name = "clips at s3.example.com") "The storage {name} refuses the time of the request";
    storage_clock_hint() "Set this machine's clock right, then try again";
    storage_no_bucket(bucket = "clips", name = "clips at s3.example.com") "There is no bucket {bucket} ({name})";
    storage_no_bucket_hint() "Check the bucket's name and the endpoint, or make the bucket on the storage's pages";
    storage_denied(name = "clips at s3.example.com", said = ": Access Denied") "The storage {name} does not allow it{said}";
    storage_rights_hint() "The key needs the rights to put, get and delete objects and to list the bucket (s3:PutObject, s3:GetObject, s3:DeleteObject, s3:ListBucket)";
    storage_refused(name = "clips at s3.example.com", said = ": InternalError We encountered an internal error") "The storage {name} refuses{said}";
    storage_refused_hint() "Check endpoint, region and bucket with viseme storage check, or try again later";
    storage_late(host = "s3.example.com", seconds = 120) "The storage at {host} did not take the file, or did not answer, within {seconds} s";
    storage_unreachable_hint() "Check the storage's endpoint and the network: viseme storage check";
    storage_list_unreadable(name = "clips at s3.example.com", why = "unexpected end of stream") "The list of {name} cannot be read: {why}";
    serves_other_size(has = 100, wants = 200) "The address serves {has} bytes, and the file has {wants}: it is another, or not whole";
    serves_other_content() "The address serves something else than the file";

    // The account.
    shows_no_account(service = "ezmodel") "The service {service} shows no account: what was paid is not known here";
    shows_no_account_hint() "Its own pages show what is left and what was paid; viseme tasks list shows the tasks of this machine";

    // Text to speech.
    speech_unknown(why = "the connection broke") "It is not known whether the text was spoken: {why}. If it was, it is paid, and its voice cannot be found again";
    speech_unknown_hint() "Look into the account before speaking it once more: viseme account shows what was deducted";

    // The address of a service.
    base_url_missing(name = "kling") "The base URL of {name} is not set";
    base_url_unreadable(name = "kling", err = "invalid port number") "The base URL of {name} is not an address: {err}";
    base_url_scheme(name = "kling", scheme = "ftp") "The base URL of {name} begins with {scheme}: only http and https are used";
    base_url_secret(name = "kling") "The base URL of {name} contains a user name or password, which does not belong there";
    base_url_query(name = "kling") "The base URL of {name} has a query or fragment, which does not belong there";
    base_url_hint() "Give it as https://host, or http://127.0.0.1:PORT for this machine";

    // Keys. The secret is never in a text.
    key_empty(what = "key") "The {what} is empty";
    key_with_bearer(what = "key") "The {what} begins with \"Bearer\", which is not part of it";
    key_with_line_break(what = "key") "The {what} ends with a line break";
    key_with_space(what = "key", at = 8) "The {what} has white space in it (character {at})";
    key_with_character(what = "key", at = 16) "The {what} has a character that no key has (character {at})";
    key_too_short(what = "key", has = 5, least = 8) "The {what} has {has} characters: a key has at least {least}, and a shorter one could not be kept out of logs and messages";
    key_hint() "Copy it again from the service's page of keys, without anything around it";
    key_not_in_header() "The key has characters that cannot be sent in a header";
    no_random_numbers(err = "Operation not permitted") "The system gives no random numbers: {err}";
    clock_is_wrong(seconds = 600, direction = "ahead of") "This machine's clock is {seconds} s {direction} the service's: set it right, then try again";

    // No answer.
    closed(host = "api.klingai.com") "The service at {host} closed the connection without an answer";
    broken(host = "api.klingai.com", why = "connection reset") "The connection to {host} broke before an answer came ({why})";
    not_http(host = "api.klingai.com", why = "invalid HTTP version parsed") "The service at {host} did not answer as HTTP requires: {why}";
    late(host = "api.klingai.com", time = "30 s") "The service at {host} did not answer within {time}";
    late_download(host = "cdn.example.org") "The service at {host} did not answer in time";
    late_connection(host = "api.klingai.com") "There was no connection to {host} within the time limit";
    untrusted(host = "api.klingai.com", why = "invalid peer certificate") "The certificate of {host} cannot be trusted: {why}";
    connection_refused(host = "127.0.0.1:9") "The server at {host} refuses connections";
    host_not_found(host = "api.klingai.con") "The address {host} cannot be found";
    no_connection(host = "api.klingai.com", why = "network unreachable") "There is no connection to {host}: {why}";
    check_base_url() "Check the base URL and the network";
    check_certificates() "Check the base URL and this machine's clock. If the certificate is that of your company or of a service of your own, give the file of its authority with --ca-file, or as `ca_file` in the settings";
    check_ca_file(file = "company.pem") "Nor is it one of the authorities in {file} (--ca-file, VISEME_CA_FILE, or `ca_file` in the settings): check that file, the base URL and this machine's clock";
    ca_file_unusable(file = "company.pem", why = "No such file or directory (os error 2)") "The certificate authorities in {file} cannot be used: {why}";
    ca_file_hint() "Give a PEM file that has the authority's certificate (--ca-file, VISEME_CA_FILE, or `ca_file` in the settings), or leave it out";
    part_ca_file_too_large(mib = 4) "it is larger than {mib} MiB";
    part_no_certificate() "it has no certificate in PEM";
    check_running() "Check the base URL, and that the service is running";
    no_proxy_address() "That is not the address of a proxy";
    no_proxy_address_hint() "Give it as http://HOST:PORT, without a user name or a password";
    check_proxy() "Check the base URL, the network and its proxy";
    check_unanswered(why = "No connection to api.example.com") "The task was not sent, because its service does not answer a free query. {why}";
    part_no_answer_within(s = 5) "Nothing came within {s} s";
    check_unanswered_hint() "Nothing was created or paid. Check the network, and submit again when the service answers: only then can a lost answer be told from a task of somebody else";
    check_network() "Check the network; the service may be busy: try again";
    no_tls(why = "no certificates") "No secure connection can be made on this machine: {why}";
    no_tls_hint() "Install the system's CA certificates (package ca-certificates)";
    client_gone() "The HTTP client is gone";
    part_no_reason() "no reason given";

    // Answers that cannot be read.
    unreadable_hint() "Try again; if it fails again, check base URL, path prefix and dialect";
    compressed(encoding = "gzip") "The answer is compressed ({encoding}), which was not asked for";
    too_large(mib = 8) "The answer is larger than {mib} MiB, which no answer of these services is";
    cut_short(bytes = 17, why = "connection reset") "The answer broke off after {bytes} bytes: {why}";
    stalled(bytes = 17) "The answer stopped after {bytes} bytes and was not whole in time";

    // Creates and waits.
    create_not_reached(why = "no connection to 127.0.0.1:9 (connection refused)") "The service was not reached, and nothing was created: {why}";
    outcome_unknown(why = "the connection broke") "Whether the task was created is not known, and it is not sent again by itself: {why}";
    look_up_hint() "Look the task up by its external_task_id; send it again only if it is not there";
    look_for_it_hint() "Look for the task at the service before you send it again: a second one would be paid as well";
    stopped_waiting() "You stopped waiting for it: try again later";
    given_up() "Given up before an answer came";
    given_up_body() "Given up before the body was whole";

    // Downloads.
    check_address() "Check the address: open it in a browser; and check the network and its proxy";
    stale_hint() "The address may have expired";
    serves_hint() "A service would fetch what is served there: the storage must serve the file as it was put there";
    stale_result_hint() "The address may have expired: ask for the task again, and its answer brings a new one";
    redirect_without_address(host = "cdn.example.org") "The service at {host} redirects without an address";
    compressed_download(host = "cdn.example.org", encoding = "gzip") "The service at {host} sends it compressed ({encoding}), which was not asked for";
    too_many_redirects(most = 5) "There are more than {most} redirects";
    too_many_redirects_hint() "The address leads in circles";
    part_redirect() "A redirect leads to ";
    not_an_address(address = "a.jpg", err = "relative URL without a base") "\"{address}\" is not an address: {err}";
    not_fetched(address = "ftp://h/a", how = "A redirect leads to ") "{how}\"{address}\": only http and https addresses are fetched";
    https_only(host = "cdn.example.com") "The address at {host} is not https, and this service is set to be fetched from by https only";
    not_public(host = "192.168.1.1") "The address {host} is private or special, and the service is on the public internet: nothing is fetched from there";
    insecure_redirect(address = "http://h/a") "A redirect leads from https to {address}, which is not secure";
    not_handed_out(host = "cdn.example.org", words = ": Request has expired") "The service at {host} refuses the download{words}";
    nothing_there(host = "cdn.example.org", words = ": NoSuchKey") "The server at {host} has nothing at this address{words}";
    not_handed_out_now(host = "cdn.example.org", words = ": Slow down") "The server at {host} cannot give it out now{words}";
    part_web_page() "a web page";
    part_xml() "an XML document";
    part_json() "JSON";
    part_text() "plain text";
    part_late() "nothing more came in time";
    part_closed() "the server closed the connection";
    part_end_unknown() "the server closed the connection, and neither it nor the video says where the end is";
    part_no_type() "no type given";
    body_not_kept(kind = "video/mp4", bytes = 1_234_567) "({kind}, {bytes} bytes; not kept)";

    // Results.
    result_too_large(mib = 2_048) "What the address serves is larger than {mib} MiB";
    result_empty() "The address serves nothing (0 bytes)";
    result_is_text(what = "a web page: Expired") "The address serves {what}, not what was asked for";
    result_damaged(why = "it was cut off: 30000 bytes are there, at least 60000 were to be") "The video at the address is not whole: {why}";
    result_other_part() "The server sent another part of the result than was asked for";
    beginning_late() "The beginning of what is at the address did not come in time";
    result_broke_off(bytes = "17 of 90", why = "connection reset") "The download broke off after {bytes} bytes: {why}";
    download_taken_over() "Another viseme has taken over this download";
    download_taken_over_hint() "Look there; or save the result again once that one has ended";
    not_written(path = "duo.mp4", why = "the disk is full") "The file {path} cannot be written: {why}";
    path_is_folder(path = "results") "The path {path} is a folder: the result needs the name of a file";
    path_exists(path = "duo.mp4") "The file {path} is there already, and is not overwritten";
    path_is_device(path = "/dev/null") "The path {path} is a device or a pipe, not a file";
    path_is_dead_link(path = "duo.mp4") "The path {path} is a link that leads nowhere";
    path_is_other_link(path = "duo.mp4") "The path {path} is a link to something that is not a file";
    other_path_hint() "Choose another name or folder";
    part_disk_full() "the disk is full";
    part_not_allowed() "writing there is not allowed";
    part_no_folder() "the folder does not exist";
    part_exists() "it is there already, and is not overwritten";
    disk_full_hint() "Make room, or save it elsewhere";
    other_folder_hint() "Choose another folder";
    make_folder_hint() "Make it, or choose another";
    other_name_hint() "Choose another name";

    // Previews.
    preview_late() "The preview did not come in time";
    preview_too_large(mib = 8) "The preview is larger than {mib} MiB";
    preview_broke_off(why = "connection reset") "The preview broke off: {why}";
    preview_stalled() "The preview stopped coming";
    preview_empty() "The preview is empty";
    preview_unreadable(err = "format error") "The preview cannot be read: {err}";
    preview_is(what = "a web page: Gone") "The preview is {what}";
    part_no_picture() "no JPEG, PNG or WebP";
    preview_broken(err = "format error") "The preview is broken: {err}";
    preview_without_pixels() "The preview has no pixels";
    preview_not_shown(side_px = 4_096, mib = 48) "The preview is too large to be shown: more than {side_px} px a side, or {mib} MiB when decoded";
    preview_panicked() "The program failed while it decoded the preview";
    preview_panicked_hint() "Fetch it again; if it fails again, please report it";
}
