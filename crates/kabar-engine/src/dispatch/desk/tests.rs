use kabar_domain::clock::Moment;
use kabar_domain::template::Category;
use kabar_graph::token::AccessToken;
use kabar_store::directory::Sender;

use super::*;

const CODES: usize = 0;
const CAMPAIGN: usize = 2;
const PLACES: u32 = 100;

fn known(throughput: u32, token: Option<&str>) -> KnownSender {
    KnownSender {
        sender: Sender {
            id: "106540352242922".parse().unwrap(),
            app: "toko".parse().unwrap(),
            waba: "102290129340398".parse().unwrap(),
            throughput,
            access_token: None,
            created_at: Moment::from_seconds(0),
        },
        access_token: token.map(|token| AccessToken::new(token).unwrap()),
        throughput: throughput.try_into().unwrap(),
        daily_limit: None,
    }
}

fn somebody() -> Recipient {
    Recipient::of_text("6281234567890")
}

async fn pass(period: Duration) {
    tokio::time::advance(period).await;
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Begins what the desk says, as if the lanes had it all; gives how many of each class.
#[track_caller]
fn begin(desk: &Desk, known: &KnownSender) -> PerClass<u32> {
    let plan = desk.plan(known, PLACES);
    let Plan::Begin(asked) = plan else { panic!("{plan:?}") };
    for (place, asked) in asked.into_iter().enumerate().filter(|(_, asked)| *asked > 0) {
        desk.begun(place, asked, asked);
    }
    asked
}

/// The news of a call that began just now.
fn back(desk: &Desk, known: &KnownSender, news: &News) -> Told {
    desk.came_back(desk.now(), somebody(), news, known)
}

#[tokio::test(start_paused = true)]
async fn an_idle_desk_is_left_and_a_woken_one_is_served() {
    let (desk, known) = (Desk::new(Instant::now()), known(80, Some("t")));
    assert_eq!(desk.plan(&known, PLACES), Plan::Leave);
    assert!(desk.wake(CAMPAIGN), "whoever wakes it first serves it");
    assert!(!desk.wake(CAMPAIGN) && !desk.wake(CODES));
    let Plan::Begin(asked) = desk.plan(&known, PLACES) else { panic!("it was woken") };
    assert_eq!(asked, [3, 0, 1], "both are new");
    desk.begun(CODES, 3, 0);
    desk.begun(CAMPAIGN, 1, 1);
    pass(ms(50)).await;
    let Plan::Begin(asked) = desk.plan(&known, PLACES) else { panic!("it was woken") };
    assert_eq!(asked, [0, 0, 3], "a part is kept for codes");
    desk.begun(CAMPAIGN, 3, 0);
    assert_eq!(desk.plan(&known, PLACES), Plan::Leave);
    assert!(!desk.is_as_new(), "a call is under way");
    assert_eq!(back(&desk, &known, &News::Answered), Told::Nothing);
    pass(ms(100)).await;
    assert!(desk.is_as_new());
    assert!(desk.wake(CAMPAIGN));
}

#[tokio::test(start_paused = true)]
async fn a_campaign_leaves_allowance_and_places_for_codes() {
    let (desk, known) = (Desk::new(Instant::now()), known(1_000_000, Some("t")));
    desk.wake(CAMPAIGN);
    assert_eq!(begin(&desk, &known), [0, 0, 63], "a quarter and an eighth of 100 places are kept");
    assert_eq!(desk.plan(&known, PLACES), Plan::Wait(None), "until a call comes back");
    desk.wake(CODES);
    let [codes, updates, campaign] = begin(&desk, &known);
    assert!(codes > 30 && updates == 0 && campaign <= 3, "{codes} codes and {campaign}");
    for _ in 0..60 {
        back(&desk, &known, &News::Answered);
    }
    assert_eq!(desk.summary().calls, 3 + codes + campaign);
}

#[tokio::test(start_paused = true)]
async fn a_sender_goes_as_fast_as_it_may() {
    let (desk, known) = (Desk::new(Instant::now()), known(80, Some("t")));
    desk.wake(CAMPAIGN);
    let (mut sent, begun) = (0, Instant::now());
    while begun.elapsed() < Duration::from_secs(10) {
        match desk.plan(&known, PLACES) {
            Plan::Begin(asked) => {
                desk.begun(CAMPAIGN, asked[CAMPAIGN], asked[CAMPAIGN]);
                sent += asked[CAMPAIGN];
                (0..asked[CAMPAIGN]).for_each(|_| assert_eq!(back(&desk, &known, &News::Answered), Told::Nothing));
            }
            Plan::Wait(Some(period)) => pass(period).await,
            plan @ (Plan::Wait(None) | Plan::Leave) => panic!("{plan:?}"),
        }
    }
    assert!((755..=764).contains(&sent), "{sent} in ten seconds at 76 a second");
}

#[tokio::test(start_paused = true)]
async fn a_held_sender_tries_one_message_now_and_then_and_goes_on_when_it_is_taken() {
    let (desk, known) = (Desk::new(Instant::now()), known(80, Some("t")));
    desk.wake(CAMPAIGN);
    assert_eq!(begin(&desk, &known), [0, 0, 3]);
    let began = desk.now();
    pass(ms(50)).await;
    let refused = News::Hold(Why::Refused(190));
    assert_eq!(desk.came_back(began, somebody(), &refused, &known), Told::Held(Why::Refused(190)));
    assert_eq!(desk.came_back(began, somebody(), &refused, &known), Told::Nothing, "it is told once");
    assert_eq!(desk.came_back(began, somebody(), &News::Answered, &known), Told::Nothing, "that was before");
    assert_eq!(desk.needs_a_person(), Some(Why::Refused(190)));
    desk.wake(CODES);

    for wait in [15, 30, 60, 120, 240, 300, 300] {
        assert_eq!(desk.plan(&known, PLACES), Plan::Wait(Some(Duration::from_secs(wait))));
        pass(Duration::from_secs(wait)).await;
        assert_eq!(begin(&desk, &known), [1, 0, 0], "the most urgent");
        assert_eq!(desk.plan(&known, PLACES), Plan::Wait(None), "one at a time");
        assert_eq!(back(&desk, &known, &refused), Told::Nothing);
    }
    pass(Duration::from_secs(300)).await;
    begin(&desk, &known);
    assert_eq!(back(&desk, &known, &News::Answered), Told::GoesOn(Why::Refused(190)));
    assert_eq!(desk.needs_a_person(), None);
    assert_eq!(begin(&desk, &known).iter().sum::<u32>(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_new_token_is_tried_at_once() {
    let (desk, old) = (Desk::new(Instant::now()), known(80, Some("old")));
    desk.wake(CAMPAIGN);
    begin(&desk, &old);
    pass(ms(50)).await;
    back(&desk, &old, &News::Hold(Why::Refused(190)));
    assert!(matches!(desk.plan(&old, PLACES), Plan::Wait(Some(_))));
    let new = known(80, Some("new"));
    assert_eq!(begin(&desk, &new).iter().sum::<u32>(), 1);
    pass(ms(1)).await;
    assert_eq!(back(&desk, &new, &News::Hold(Why::Refused(190))), Told::Nothing);
    assert!(matches!(desk.plan(&new, PLACES), Plan::Wait(Some(_))), "it is no better");
}

#[tokio::test(start_paused = true)]
async fn without_a_token_nothing_leaves_until_there_is_one() {
    let (desk, none) = (Desk::new(Instant::now()), known(80, None));
    desk.wake(CODES);
    assert_eq!(desk.plan(&none, PLACES), Plan::Wait(None));
    assert_eq!(desk.needs_a_person(), Some(Why::NoToken));
    assert_eq!(begin(&desk, &known(80, Some("t"))), [1, 0, 0]);
    pass(ms(1)).await;
    back(&desk, &none, &News::Answered);
    assert_eq!(desk.needs_a_person(), None);
}

#[tokio::test(start_paused = true)]
async fn a_try_of_which_nothing_is_known_is_made_again() {
    let (desk, known) = (Desk::new(Instant::now()), known(80, Some("t")));
    desk.wake(CODES);
    begin(&desk, &known);
    back(&desk, &known, &News::Hold(Why::Unreachable));
    assert_eq!(desk.plan(&known, PLACES), Plan::Wait(Some(ms(250))));
    pass(ms(250)).await;
    // There was no message after all; then one that was too old to be sent; then one that was put off.
    for how in 0..3 {
        let Plan::Begin(asked) = desk.plan(&known, PLACES) else { panic!("it is to be tried") };
        assert_eq!(asked.iter().sum::<u32>(), 1);
        let place = asked.iter().position(|asked| *asked > 0).unwrap();
        match how {
            0 => desk.begun(place, 1, 0),
            1 => {
                desk.begun(place, 1, 1);
                assert_eq!(back(&desk, &known, &News::Nothing), Told::Nothing);
            }
            _ => {
                desk.begun(place, 1, 1);
                desk.put_off();
            }
        }
        pass(ms(20)).await;
    }
    begin(&desk, &known);
    assert_eq!(back(&desk, &known, &News::Answered), Told::GoesOn(Why::Unreachable));
}

#[tokio::test(start_paused = true)]
async fn too_fast_slows_the_sender_and_a_wish_of_the_upstream_is_kept() {
    let (desk, known) = (Desk::new(Instant::now()), known(1000, Some("t")));
    desk.wake(CODES);
    begin(&desk, &known);
    pass(ms(5)).await;
    assert_eq!(back(&desk, &known, &News::TooFast(None)), Told::Slowed);
    assert!(desk.summary().is_slowed);
    let Plan::Wait(Some(wait)) = desk.plan(&known, PLACES) else { panic!("it is to wait") };
    assert!(wait >= Duration::from_secs(1) && wait < ms(1010), "{wait:?}");
    let asked = Duration::from_secs(720);
    assert_eq!(back(&desk, &known, &News::TooFast(Some(asked))), Told::Held(Why::Asked(asked)));
    assert_eq!(desk.plan(&known, PLACES), Plan::Wait(Some(asked)));
    assert_eq!(desk.needs_a_person(), None);
    pass(asked).await;
    assert_eq!(begin(&desk, &known).iter().sum::<u32>(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_closed_lane_waits_and_the_others_do_not() {
    let (desk, known) = (Desk::new(Instant::now()), known(80, Some("t")));
    desk.wake(CAMPAIGN);
    desk.close(CAMPAIGN, Duration::from_secs(60));
    assert_eq!(desk.plan(&known, PLACES), Plan::Wait(Some(Duration::from_secs(60))));
    desk.wake(CODES);
    assert_eq!(begin(&desk, &known), [4, 0, 0]);
    assert_eq!(kabar_domain::pacing::turns::place_of(Category::Marketing), CAMPAIGN);
}

#[tokio::test(start_paused = true)]
async fn an_app_is_told_once_of_each_hold_that_needs_a_person_and_of_its_end() {
    let (desk, none) = (Desk::new(Instant::now()), known(80, None));
    assert_eq!(desk.untold(), None);
    (0..3).for_each(|place| assert_eq!(desk.wake(place), place == 0));
    desk.plan(&none, 10);
    assert_eq!(desk.untold(), Some(Some(Why::NoToken)));
    assert_eq!(desk.untold(), None);

    let (desk, known) = (Desk::new(Instant::now()), known(80, Some("t")));
    (0..3).for_each(|place| assert_eq!(desk.wake(place), place == 0));
    begin(&desk, &known);
    tokio::time::advance(Duration::from_millis(1)).await;
    back(&desk, &known, &News::Hold(Why::Refused(190)));
    assert_eq!(desk.untold(), Some(Some(Why::Refused(190))));
    tokio::time::advance(Duration::from_secs(301)).await;
    begin(&desk, &known);
    back(&desk, &known, &News::Hold(Why::Unreachable));
    assert_eq!(desk.untold(), None, "it does not go on");
    tokio::time::advance(Duration::from_secs(301)).await;
    begin(&desk, &known);
    assert_eq!(back(&desk, &known, &News::Answered), Told::GoesOn(Why::Unreachable));
    assert_eq!(desk.untold(), Some(None));
    assert_eq!(desk.untold(), None);
}
